ALTER TABLE programme_version DROP COLUMN rules_id;
ALTER TABLE training_rules DROP COLUMN conflict_days;
