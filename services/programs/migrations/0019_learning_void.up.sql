-- What was accepted, held or declared trained is taken back: VOID, for good, with what it was left as it stood.

ALTER TABLE cascade_session
  DROP CONSTRAINT cascade_session_check,
  ADD CONSTRAINT cascade_session_held CHECK ((state IN ('HELD', 'VOID')) = (held_date IS NOT NULL));
ALTER TABLE team_training
  DROP CONSTRAINT team_training_check,
  DROP CONSTRAINT team_training_check1,
  ADD CONSTRAINT team_training_begun
    CHECK (state NOT IN ('IN_PROGRESS', 'COMPLETED', 'VOID') OR (start_date IS NOT NULL AND members_ids <> '{}')),
  ADD CONSTRAINT team_training_completed CHECK ((state IN ('COMPLETED', 'VOID')) = (completion_date IS NOT NULL));

-- A session that was held may still be taken back.
DROP TRIGGER frozen ON cascade_session;
CREATE TRIGGER frozen BEFORE UPDATE ON cascade_session FOR EACH ROW EXECUTE FUNCTION learning_is_frozen(
  '{PLANNED}', '{state,state_reason,leader_id,participants_ids,version,update_time}');

-- And nothing comes back from there.
CREATE FUNCTION learning_stays_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was taken back stays so' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER void_stays BEFORE UPDATE ON learning_record FOR EACH ROW
  WHEN (OLD.state = 'VOID' AND NEW.state <> 'VOID') EXECUTE FUNCTION learning_stays_void();
CREATE TRIGGER void_stays BEFORE UPDATE ON cascade_session FOR EACH ROW
  WHEN (OLD.state = 'VOID' AND NEW.state <> 'VOID') EXECUTE FUNCTION learning_stays_void();
CREATE TRIGGER void_stays BEFORE UPDATE ON team_training FOR EACH ROW
  WHEN (OLD.state = 'VOID' AND NEW.state <> 'VOID') EXECUTE FUNCTION learning_stays_void();
CREATE TRIGGER void_stays BEFORE UPDATE ON practice_acceptance FOR EACH ROW
  WHEN (OLD.state = 'VOID' AND NEW.state <> 'VOID') EXECUTE FUNCTION learning_stays_void();

-- Whoever takes a record back asks what rests on it.
CREATE INDEX practice_acceptance_accepted ON practice_acceptance (region_code, learning_record_id)
  WHERE state = 'ACCEPTED' AND delete_time IS NULL;
