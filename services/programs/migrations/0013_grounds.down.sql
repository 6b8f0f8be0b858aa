ALTER TABLE programme_version DROP COLUMN grounds;
