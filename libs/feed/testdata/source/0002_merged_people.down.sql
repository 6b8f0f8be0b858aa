ALTER TABLE person
  DROP COLUMN merged_into_id,
  DROP COLUMN snils_index,
  ALTER COLUMN snils TYPE text USING '';
