-- Attendance stays with the report it was counted for. Changes of it are refused by the rules of events; deleting, and
-- taking a deletion back, is refused here, because rules of a deletion see one row only. The event is held: of a deletion
-- and a report at once one waits and sees the other.
CREATE FUNCTION participation_keep_reported() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  found text;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  SELECT e.state INTO found FROM event e WHERE e.region_code = NEW.region_code AND e.id = NEW.event_id FOR SHARE;
  PERFORM set_config('rsnms.scopes', scopes, true);
  IF found IN ('REPORTED', 'CANCELLED') THEN
    RAISE EXCEPTION 'the event is reported or cancelled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'participation_reported';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER keep_reported BEFORE UPDATE OF delete_time ON participation
  FOR EACH ROW WHEN (OLD.delete_time IS DISTINCT FROM NEW.delete_time)
  EXECUTE FUNCTION participation_keep_reported();
