CREATE OR REPLACE FUNCTION completion_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a completion is immutable once issued' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
