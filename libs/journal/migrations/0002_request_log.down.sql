DROP TABLE access_log;
DROP TABLE request_log;
