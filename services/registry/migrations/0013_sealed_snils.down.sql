-- Only what stands in clear can be taken back: sealed values cannot be opened by SQL, and none may be lost.
DO $$
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  IF EXISTS (SELECT FROM person WHERE length(snils) > 0 AND substr(snils, 1, 1) <> '\x00'::bytea) THEN
    RAISE EXCEPTION 'sealed values of person.snils cannot be opened by SQL';
  END IF;
END
$$;
DROP INDEX person_snils_in_clear, person_living_snils, person_snils;
ALTER TABLE person
  DROP COLUMN snils_index,
  ALTER COLUMN snils TYPE text
    USING CASE WHEN snils IS NULL OR length(snils) = 0 THEN '' ELSE convert_from(substr(snils, 2), 'UTF8') END;
ALTER TABLE person ALTER COLUMN snils SET NOT NULL;
CREATE INDEX person_snils ON person (region_code, snils);
CREATE UNIQUE INDEX person_living_snils ON person (region_code, snils)
  WHERE delete_time IS NULL AND snils <> '';
