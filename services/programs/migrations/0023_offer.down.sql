DROP TRIGGER tells_competencies ON programme;
DROP TRIGGER tells_competencies_when_made ON programme;
DROP FUNCTION programme_tells_competencies();
DROP TABLE programme_competency;
DROP POLICY offered ON programme;
CREATE OR REPLACE FUNCTION on_offer(p programme) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p.delete_time IS NULL AND p.register_state <> 'WITHDRAWN' AND NOT p.withdrawn
$$;
ALTER TABLE programme DROP COLUMN awaits_approval;
