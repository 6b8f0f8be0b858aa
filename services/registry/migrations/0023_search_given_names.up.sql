-- Given name and patronymic are searched together: both are compared in the index, without a look at the table.
DROP INDEX person_search_given;
CREATE INDEX person_search_given ON person (region_code, search_given, search_patronymic) WHERE delete_time IS NULL;
