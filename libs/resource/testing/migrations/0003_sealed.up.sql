DROP INDEX IF EXISTS keeper_snils;
ALTER TABLE keeper
  ALTER COLUMN snils DROP NOT NULL,
  ALTER COLUMN snils TYPE bytea USING CASE WHEN snils <> '' THEN '\x00'::bytea || convert_to(snils, 'UTF8') END,
  ADD COLUMN snils_index bytea;
CREATE INDEX keeper_snils ON keeper (region_code, snils_index);
CREATE UNIQUE INDEX keeper_living_snils ON keeper (region_code, snils_index) WHERE delete_time IS NULL;
