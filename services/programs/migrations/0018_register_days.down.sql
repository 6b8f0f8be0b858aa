ALTER TABLE register_policy DROP COLUMN shrink_days;
ALTER TABLE register_sync DROP COLUMN shrink_days, DROP COLUMN left_before_count;
ALTER TABLE register_entry DROP COLUMN asked_time;
