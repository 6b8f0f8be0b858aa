DROP INDEX learning_record_accepted_hours;
DROP TABLE known_training;
DROP TABLE known_employment;
DROP TABLE known_organisation;
