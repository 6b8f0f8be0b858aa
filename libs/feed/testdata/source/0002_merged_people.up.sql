ALTER TABLE person
  ADD COLUMN merged_into_id uuid,
  ALTER COLUMN snils DROP NOT NULL,
  ALTER COLUMN snils TYPE bytea USING NULL,
  ADD COLUMN snils_index bytea;
