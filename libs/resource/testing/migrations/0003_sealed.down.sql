DROP INDEX keeper_living_snils, keeper_snils;
ALTER TABLE keeper DROP COLUMN snils_index,
  ALTER COLUMN snils TYPE text USING coalesce(convert_from(substr(snils, 2), 'UTF8'), '');
ALTER TABLE keeper ALTER COLUMN snils SET NOT NULL;
