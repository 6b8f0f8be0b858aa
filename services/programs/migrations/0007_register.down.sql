DROP TABLE register_policy, register_notice, register_conflict, register_entry;
ALTER TABLE register_change DROP COLUMN field_changes, DROP COLUMN match;
ALTER TABLE register_sync
  DROP COLUMN source, DROP COLUMN verified_count, DROP COLUMN conflict_count, DROP COLUMN notice_count,
  DROP COLUMN shrink_percent, DROP COLUMN retry_time;
