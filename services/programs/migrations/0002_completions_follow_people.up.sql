-- A completion never changes, except that its person turns out to be another (libs/feed/redirect.h).
CREATE OR REPLACE FUNCTION completion_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{person_id,version,update_time}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a completion is immutable once issued' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
