-- Who teaches says what became of learning and gives the documents; what was said by mistake is taken back.

-- A completion is recorded by its provider, or for one outside the region by whoever answers for the learner; the others
-- read it. FOR UPDATE of `held` is for locks alone.
DROP POLICY scope ON completion;
DROP POLICY group_provider ON completion;
CREATE POLICY scope ON completion FOR SELECT
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
      OR scope_allows(region_code, NULL, group_provider_id::text, NULL));
CREATE POLICY held ON completion FOR UPDATE
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
      OR scope_allows(region_code, NULL, group_provider_id::text, NULL))
  WITH CHECK (false);
CREATE POLICY region ON completion USING (scope_allows(region_code, NULL, NULL, NULL));
CREATE POLICY recorded ON completion FOR INSERT WITH CHECK (CASE
  WHEN provider_id IS NOT NULL THEN scope_allows(region_code, NULL, provider_id::text, NULL)
  WHEN group_provider_id IS NOT NULL THEN scope_allows(region_code, NULL, group_provider_id::text, NULL)
  ELSE scope_allows(region_code, municipality_id, organisation_id::text, NULL) END);

-- A certificate is written by its provider, or for one outside the region by the whole region's scope.
DROP POLICY scope ON certificate;
CREATE POLICY scope ON certificate FOR SELECT
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
CREATE POLICY held ON certificate FOR UPDATE
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text))
  WITH CHECK (false);
CREATE POLICY issuer ON certificate USING (scope_allows(region_code, NULL, provider_id::text, NULL));

-- What was completed by mistake stays, and says so; its number is free again.
ALTER TABLE completion
  ADD COLUMN voided boolean NOT NULL DEFAULT false,
  ADD COLUMN void_date date,
  ADD CONSTRAINT completion_voided_on_a_day CHECK (voided = (void_date IS NOT NULL));
ALTER TABLE completion ALTER COLUMN voided DROP DEFAULT;
CREATE INDEX completion_voided ON completion (region_code, voided);
DROP INDEX completion_certificate_of_provider;
CREATE UNIQUE INDEX completion_certificate_of_provider
  ON completion (region_code, provider_key, number_key) WHERE NOT voided;

-- The person may turn out to be another (libs/feed/redirect.h), and a completion is taken back once.
CREATE OR REPLACE FUNCTION completion_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{person_id,version,update_time,voided,void_date}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
     AND (NOT OLD.voided OR (NEW.voided AND NEW.void_date = OLD.void_date)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a completion is immutable once issued' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
