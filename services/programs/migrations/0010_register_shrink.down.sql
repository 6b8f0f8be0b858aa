DROP INDEX programme_known_provider, register_snapshot_match_key;
ALTER TABLE register_snapshot DROP COLUMN withdrawn;
ALTER TABLE register_entry DROP COLUMN withdrawal;
ALTER TABLE register_change DROP COLUMN withdrawal, DROP COLUMN former_programme;
ALTER TABLE register_sync DROP COLUMN shrink_sha256, DROP COLUMN ask_again;
