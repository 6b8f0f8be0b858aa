-- Whose learning it is: every name the feed ever gave the learner (merged people change theirs), so that learning of
-- another person moves no route. NULL: not told since this was kept; counts until it is told anew.
ALTER TABLE learning ADD COLUMN persons text[];
ALTER TABLE learning_outcome ADD COLUMN persons text[];
-- The enrolment in another group that goes on with this one.
ALTER TABLE learning ADD COLUMN transferred_to uuid;

-- Certificates told to be revoked: their completions are void. A duplicate and a replacement revoke nothing.
CREATE TABLE certificate_revoked (
  region_code    text NOT NULL,
  certificate_id uuid NOT NULL,
  completion_id  uuid NOT NULL,
  PRIMARY KEY (region_code, certificate_id)
);
CREATE INDEX certificate_revoked_completion ON certificate_revoked (region_code, completion_id);
ALTER TABLE certificate_revoked ENABLE ROW LEVEL SECURITY;
ALTER TABLE certificate_revoked FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON certificate_revoked USING (scope_allows(region_code, NULL::text, NULL::text, NULL::text));

-- Whether a person goes by one of the names told, or by what one of them was merged into.
CREATE FUNCTION is_learner(region text, person text, told text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT told IS NULL OR person = ANY (told) OR EXISTS (
    SELECT FROM unnest(told) AS t (name)
      LEFT JOIN redirected a ON a.region_code = region AND a.target_type = 'registry.rsnms/Person' AND a.original_id = t.name
      LEFT JOIN redirected b ON b.region_code = region AND b.target_type = 'registry.rsnms/Person' AND b.original_id = person
     WHERE coalesce(a.present_id, t.name) = coalesce(b.present_id, person))
$$;

-- A route that changes hands by a merge of people finds its learning anew.
CREATE FUNCTION mark_route() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO route_to_follow (region_code, route_id) VALUES (NEW.region_code, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER route_changes_hands AFTER UPDATE OF person_id ON route
  FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION mark_route();
