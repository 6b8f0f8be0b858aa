-- What the expertise of programmes lacked.

-- Whether anybody may be enrolled on a programme, selected for it or taken into a group of it.
CREATE FUNCTION on_offer(p programme) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p.delete_time IS NULL AND p.register_state <> 'WITHDRAWN' AND NOT p.withdrawn
$$;

-- Experts mark by the rules: whoever has to do with the region reads them.
CREATE POLICY known ON training_rules FOR SELECT USING (scope_touches(region_code));

-- Authors of what was handed in who were taken off the list.
ALTER TABLE programme_version ADD COLUMN former_authors_ids text[] NOT NULL DEFAULT '{}';
ALTER TABLE programme_version ALTER COLUMN former_authors_ids DROP DEFAULT;

CREATE OR REPLACE FUNCTION programme_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{programme_id,state,state_reason,authors_ids,former_authors_ids,round,positive_reviews,given_reviews,approval_document,approval_date,submission_date,submission_number,register_answer_date,federal_register_number,withdrawal_date,superseded_by_id,version,update_time}';
BEGIN
  IF OLD.state IN ('DRAFT', 'REWORK') OR to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a version handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
