-- What has no place in the former life of an enrolment ends: put off or transferred it was left, void it was never.
DROP TABLE risk_settings;
DROP INDEX enrolment_one_living;
ALTER TABLE enrolment NO FORCE ROW LEVEL SECURITY;  -- the owner sees all rows
UPDATE enrolment SET state = 'WITHDRAWN', seat = 'UNSPECIFIED' WHERE state IN ('DEFERRED', 'TRANSFERRED', 'VOID');
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX enrolment_one_living ON enrolment (region_code, person_id, programme_id)
  WHERE state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS') AND delete_time IS NULL;
ALTER TABLE enrolment
  DROP COLUMN group_id CASCADE,
  DROP COLUMN seat CASCADE,
  DROP COLUMN waiting_number,
  DROP COLUMN state_date,
  DROP COLUMN state_reason,
  DROP COLUMN enrolled_date,
  DROP COLUMN deferred_until_date,
  DROP COLUMN transferred_from_id,
  DROP COLUMN transferred_to,
  DROP COLUMN entry_session_id,
  DROP COLUMN exit_session_id,
  DROP COLUMN last_activity_date;
DROP TABLE learner_group;
DROP FUNCTION scope_touches(text);
