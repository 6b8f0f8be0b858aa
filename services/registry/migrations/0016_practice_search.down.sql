DROP INDEX practice_published;
DROP TRIGGER keep_search ON practice;
DROP FUNCTION practice_keep_search;
DROP TABLE practice_search;
