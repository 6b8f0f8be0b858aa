DROP TABLE secret;
DROP TABLE item;
DROP FUNCTION slow_commit();
DROP FUNCTION raise_state(text);
