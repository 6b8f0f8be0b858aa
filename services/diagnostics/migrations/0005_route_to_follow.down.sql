-- The owner deletes all rows.
ALTER TABLE programme_told NO FORCE ROW LEVEL SECURITY;
DELETE FROM programme_told WHERE NOT withdrawn;
ALTER TABLE programme_told FORCE ROW LEVEL SECURITY;
ALTER TABLE programme_told DROP COLUMN withdrawn;
ALTER TABLE programme_told RENAME TO programme_withdrawn;
DROP TABLE route_to_follow;
