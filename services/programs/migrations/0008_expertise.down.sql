CREATE OR REPLACE FUNCTION programme_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{programme_id,state,state_reason,authors_ids,round,positive_reviews,given_reviews,approval_document,approval_date,submission_date,submission_number,register_answer_date,federal_register_number,withdrawal_date,superseded_by_id,version,update_time}';
BEGIN
  IF OLD.state IN ('DRAFT', 'REWORK') OR to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a version handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
ALTER TABLE programme_version DROP COLUMN former_authors_ids;
DROP POLICY known ON training_rules;
DROP FUNCTION on_offer(programme);
