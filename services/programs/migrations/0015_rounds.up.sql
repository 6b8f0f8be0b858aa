-- A round of expertise is judged by the rules it began under; how long a former post binds an expert.

ALTER TABLE training_rules ADD COLUMN conflict_days integer NOT NULL DEFAULT 365;
ALTER TABLE training_rules ALTER COLUMN conflict_days DROP DEFAULT;

ALTER TABLE programme_version ADD COLUMN rules_id uuid;

-- Rounds that stand open: the rules in force today. The owner sees all rows.
ALTER TABLE training_rules NO FORCE ROW LEVEL SECURITY;
ALTER TABLE programme_version NO FORCE ROW LEVEL SECURITY;
ALTER TABLE programme_version DISABLE TRIGGER frozen;
UPDATE programme_version v SET rules_id = (
  SELECT r.id FROM training_rules r
   WHERE r.region_code = v.region_code AND r.delete_time IS NULL
     AND r.start_date <= (now() AT TIME ZONE 'Europe/Moscow')::date
   ORDER BY r.start_date DESC LIMIT 1)
 WHERE v.state = 'EXPERTISE';
ALTER TABLE programme_version ENABLE TRIGGER frozen;
ALTER TABLE programme_version FORCE ROW LEVEL SECURITY;
ALTER TABLE training_rules FORCE ROW LEVEL SECURITY;

ALTER TABLE programme_version
  ADD FOREIGN KEY (region_code, rules_id) REFERENCES training_rules (region_code, id);
CREATE INDEX programme_version_rules ON programme_version (region_code, rules_id);
