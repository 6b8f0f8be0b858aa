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
DROP INDEX completion_certificate_of_provider;
CREATE UNIQUE INDEX completion_certificate_of_provider ON completion (region_code, provider_key, number_key);
ALTER TABLE completion DROP COLUMN void_date, DROP COLUMN voided;
DROP POLICY issuer ON certificate;
DROP POLICY held ON certificate;
DROP POLICY scope ON certificate;
CREATE POLICY scope ON certificate
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
      OR scope_allows(region_code, NULL, provider_id::text, NULL));
DROP POLICY recorded ON completion;
DROP POLICY region ON completion;
DROP POLICY held ON completion;
DROP POLICY scope ON completion;
CREATE POLICY scope ON completion
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
CREATE POLICY group_provider ON completion USING (scope_allows(region_code, NULL, group_provider_id::text, NULL));
