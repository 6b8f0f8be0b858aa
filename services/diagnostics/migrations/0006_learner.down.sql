DROP TRIGGER route_changes_hands ON route;
DROP FUNCTION mark_route();
DROP FUNCTION is_learner(text, text, text[]);
DROP TABLE certificate_revoked;
ALTER TABLE learning DROP COLUMN transferred_to;
ALTER TABLE learning_outcome DROP COLUMN persons;
ALTER TABLE learning DROP COLUMN persons;
