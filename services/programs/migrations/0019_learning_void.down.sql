-- What has no place in the former life ends: it counts no more than before.
DROP INDEX practice_acceptance_accepted;
DROP TRIGGER void_stays ON practice_acceptance;
DROP TRIGGER void_stays ON team_training;
DROP TRIGGER void_stays ON cascade_session;
DROP TRIGGER void_stays ON learning_record;
DROP FUNCTION learning_stays_void();
ALTER TABLE cascade_session DISABLE TRIGGER frozen;
ALTER TABLE cascade_session DROP CONSTRAINT cascade_session_held;
ALTER TABLE team_training DROP CONSTRAINT team_training_completed, DROP CONSTRAINT team_training_begun;
ALTER TABLE learning_record NO FORCE ROW LEVEL SECURITY;  -- the owner sees all rows
ALTER TABLE cascade_session NO FORCE ROW LEVEL SECURITY;
ALTER TABLE team_training NO FORCE ROW LEVEL SECURITY;
ALTER TABLE practice_acceptance NO FORCE ROW LEVEL SECURITY;
UPDATE learning_record SET state = 'FAILED' WHERE state = 'VOID';
UPDATE cascade_session SET state = 'CANCELLED', held_date = NULL WHERE state = 'VOID';
UPDATE team_training SET state = 'CANCELLED', completion_date = NULL WHERE state = 'VOID';
UPDATE practice_acceptance SET state = 'WITHDRAWN' WHERE state = 'VOID';
ALTER TABLE practice_acceptance FORCE ROW LEVEL SECURITY;
ALTER TABLE team_training FORCE ROW LEVEL SECURITY;
ALTER TABLE cascade_session FORCE ROW LEVEL SECURITY;
ALTER TABLE learning_record FORCE ROW LEVEL SECURITY;
ALTER TABLE team_training
  ADD CONSTRAINT team_training_check
    CHECK (state NOT IN ('IN_PROGRESS', 'COMPLETED') OR (start_date IS NOT NULL AND members_ids <> '{}')),
  ADD CONSTRAINT team_training_check1 CHECK ((state = 'COMPLETED') = (completion_date IS NOT NULL));
ALTER TABLE cascade_session
  ADD CONSTRAINT cascade_session_check CHECK ((state = 'HELD') = (held_date IS NOT NULL));
DROP TRIGGER frozen ON cascade_session;
CREATE TRIGGER frozen BEFORE UPDATE ON cascade_session FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{PLANNED}', '{leader_id,participants_ids,version,update_time}');
