ALTER TABLE route DROP COLUMN needs_attention;
DROP TABLE route_programme;
DROP TABLE programme_withdrawn;
DROP TABLE learning_outcome;
DROP TABLE learning;
