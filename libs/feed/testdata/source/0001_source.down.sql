DROP TABLE person;
DROP TABLE organisation;
