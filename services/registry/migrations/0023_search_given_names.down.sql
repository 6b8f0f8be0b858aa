DROP INDEX person_search_given;
CREATE INDEX person_search_given ON person (region_code, search_given) WHERE delete_time IS NULL;
