-- Given name and patronymic are searched together: whichever begins, the other is compared in the index, without a look
-- at the table.
DROP INDEX person_search_given, person_search_patronymic;
CREATE INDEX person_search_given ON person (region_code, search_given, search_patronymic) WHERE delete_time IS NULL;
CREATE INDEX person_search_patronymic ON person (region_code, search_patronymic, search_given) WHERE delete_time IS NULL;
