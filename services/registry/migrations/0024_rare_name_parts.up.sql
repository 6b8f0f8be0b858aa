-- The second word of a double name is borne by few, but a letter of it by thousands: the other parts are compared in the
-- index, without a look at the table for each of them.
DROP INDEX person_search_second, person_search_other;
CREATE INDEX person_search_second
  ON person (region_code, search_second, search_family, search_given, search_patronymic, id)
  WHERE delete_time IS NULL AND search_second <> '';
CREATE INDEX person_search_other
  ON person (region_code, search_other, search_family, search_given, search_patronymic, id)
  WHERE delete_time IS NULL AND search_other <> '';
