ALTER TABLE programme DROP COLUMN current_version_id, DROP COLUMN withdrawn;
DROP POLICY review ON programme_version;
DROP TABLE expert_review, programme_version, training_rules;
DROP FUNCTION programme_version_is_frozen();
