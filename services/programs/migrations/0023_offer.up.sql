-- What is on offer: nobody offers by a word of their own what no expertise saw; everybody of the region sees the offer.
-- Runs as programs_owner with search_path = programs.

-- Rows that are there stay on offer: who made them cannot be told any more.
ALTER TABLE programme ADD COLUMN awaits_approval boolean NOT NULL DEFAULT false;
ALTER TABLE programme ALTER COLUMN awaits_approval DROP DEFAULT;

CREATE OR REPLACE FUNCTION on_offer(p programme) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p.delete_time IS NULL AND p.register_state <> 'WITHDRAWN' AND NOT p.withdrawn AND NOT p.awaits_approval
$$;

-- The offer is for the whole region: whoever looks for learning sees it, and writes none of it.
CREATE POLICY offered ON programme FOR SELECT USING (scope_touches(region_code) AND on_offer(programme));

-- What programmes cover, to find those that cover something without reading the others: operators of jsonb do not look into
-- an index below row level security, equality does.
CREATE TABLE programme_competency (
  region_code  text NOT NULL,
  competency   text NOT NULL,
  programme_id uuid NOT NULL,
  depth        text NOT NULL,
  PRIMARY KEY (region_code, competency, programme_id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id) ON DELETE CASCADE
);
CREATE INDEX programme_competency_programme ON programme_competency (region_code, programme_id);
-- Read with the programmes alone, whose policies say who sees what; written by whoever writes them.
ALTER TABLE programme_competency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY touched ON programme_competency USING (scope_touches(region_code));

CREATE FUNCTION programme_tells_competencies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM programme_competency WHERE region_code = NEW.region_code AND programme_id = NEW.id;
  INSERT INTO programme_competency (region_code, competency, programme_id, depth)
  SELECT NEW.region_code, covered ->> 'competency', NEW.id, coalesce(covered ->> 'depth', '')
  FROM jsonb_array_elements(NEW.competencies) AS covered
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER tells_competencies_when_made AFTER INSERT ON programme
  FOR EACH ROW WHEN (NEW.competencies <> '[]') EXECUTE FUNCTION programme_tells_competencies();
CREATE TRIGGER tells_competencies AFTER UPDATE ON programme
  FOR EACH ROW WHEN (NEW.competencies <> OLD.competencies) EXECUTE FUNCTION programme_tells_competencies();

SELECT set_config('rsnms.scopes', '*', true);
INSERT INTO programme_competency (region_code, competency, programme_id, depth)
SELECT p.region_code, covered ->> 'competency', p.id, coalesce(covered ->> 'depth', '')
FROM programme p, jsonb_array_elements(p.competencies) AS covered
ON CONFLICT DO NOTHING;
