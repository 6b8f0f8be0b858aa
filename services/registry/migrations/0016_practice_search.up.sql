-- Search in the bank of practices goes by an index. Under row level security trigram operators use none (they are not
-- leakproof), so what is searched stands apart: words of published practices, which everybody may read, in a table whose
-- policy adds no condition. Rows it leads to are read from `practice` under its own policies.
CREATE TABLE practice_search (
  region_code text NOT NULL,
  practice_id uuid NOT NULL,
  words text NOT NULL,
  PRIMARY KEY (region_code, practice_id),
  FOREIGN KEY (region_code, practice_id) REFERENCES practice (region_code, id) ON DELETE CASCADE
);
CREATE INDEX practice_search_trigram ON practice_search USING gin (words gin_trgm_ops);
ALTER TABLE practice_search ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY open ON practice_search USING (true);

-- Kept by whoever writes a practice.
CREATE FUNCTION practice_keep_search() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.delete_time IS NULL AND NEW.state IN ('PUBLISHED', 'INTRODUCED') THEN
    INSERT INTO practice_search AS s (region_code, practice_id, words)
    VALUES (NEW.region_code, NEW.id, practice_search_text(NEW.title, NEW.summary))
    ON CONFLICT (region_code, practice_id) DO UPDATE SET words = excluded.words WHERE s.words <> excluded.words;
  ELSE
    DELETE FROM practice_search WHERE region_code = NEW.region_code AND practice_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_search AFTER INSERT OR UPDATE OF title, summary, state, delete_time ON practice
  FOR EACH ROW EXECUTE FUNCTION practice_keep_search();

-- What is published already. The owner is held by the policies too: it takes the scope of all regions for this.
SELECT set_config('rsnms.scopes', '*', true);
INSERT INTO practice_search (region_code, practice_id, words)
SELECT region_code, id, practice_search_text(title, summary)
  FROM practice
 WHERE state IN ('PUBLISHED', 'INTRODUCED') AND delete_time IS NULL;
SELECT set_config('rsnms.scopes', '', true);

-- The latest published, page by page.
CREATE INDEX practice_published ON practice (region_code, publish_date DESC, title, id)
  WHERE state IN ('PUBLISHED', 'INTRODUCED') AND delete_time IS NULL;
