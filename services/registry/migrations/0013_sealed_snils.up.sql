-- СНИЛС sealed at rest (libs/resource/keyring.h). What stands in clear gets the key id 0 and is sealed by the service when
-- it starts, before it serves: SQL knows no keys. The partial index finds what is left to seal.
DROP INDEX person_living_snils, person_snils;
ALTER TABLE person
  ALTER COLUMN snils DROP NOT NULL,
  ALTER COLUMN snils TYPE bytea
    USING CASE WHEN snils <> '' THEN '\x00'::bytea || convert_to(snils, 'UTF8') END,
  ADD COLUMN snils_index bytea;
CREATE INDEX person_snils ON person (region_code, snils_index);
CREATE UNIQUE INDEX person_living_snils ON person (region_code, snils_index) WHERE delete_time IS NULL;
CREATE INDEX person_snils_in_clear ON person (region_code, id) WHERE substr(snils, 1, 1) = '\x00'::bytea;
