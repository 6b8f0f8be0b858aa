-- Orders of bodies that named no municipality get the one the registry says, so that it sees them.

CREATE OR REPLACE FUNCTION training_order_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('DRAFT', 'RETURNED')
     OR (NEW.lines = OLD.lines AND NEW.year = OLD.year
         AND NEW.organisation_id IS NOT DISTINCT FROM OLD.organisation_id
         AND (NEW.municipality_id IS NOT DISTINCT FROM OLD.municipality_id
              OR OLD.municipality_id IS NULL AND OLD.organisation_id IS NOT NULL)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an order handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- Orders still to be placed: few, and asked for whenever the registry tells of bodies.
CREATE INDEX training_order_unplaced ON training_order (region_code, organisation_id)
  WHERE municipality_id IS NULL AND state <> 'DRAFT';

-- Terms that grounds of training set (Dagestan, R13 and R14); what stands there meant the defaults.
ALTER TABLE training_rules
  ADD COLUMN low_results_months integer NOT NULL DEFAULT 12,
  ADD COLUMN first_training_months integer NOT NULL DEFAULT 24;
ALTER TABLE training_rules
  ALTER COLUMN low_results_months DROP DEFAULT,
  ALTER COLUMN first_training_months DROP DEFAULT;
