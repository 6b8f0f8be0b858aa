ALTER TABLE training_rules DROP COLUMN low_results_months, DROP COLUMN first_training_months;
DROP INDEX training_order_unplaced;
CREATE OR REPLACE FUNCTION training_order_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('DRAFT', 'RETURNED')
     OR (NEW.lines = OLD.lines AND NEW.year = OLD.year
         AND NEW.organisation_id IS NOT DISTINCT FROM OLD.organisation_id
         AND NEW.municipality_id IS NOT DISTINCT FROM OLD.municipality_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an order handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
