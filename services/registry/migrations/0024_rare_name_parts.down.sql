DROP INDEX person_search_second, person_search_other;
CREATE INDEX person_search_second ON person (region_code, search_second)
  WHERE delete_time IS NULL AND search_second <> '';
CREATE INDEX person_search_other ON person (region_code, search_other)
  WHERE delete_time IS NULL AND search_other <> '';
