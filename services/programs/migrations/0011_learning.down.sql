DROP TABLE practice_acceptance;
DROP TABLE team_training;
DROP TABLE learning_record;
DROP TABLE cascade_session;
DROP FUNCTION learning_is_frozen();
DROP TABLE learning_rules;
