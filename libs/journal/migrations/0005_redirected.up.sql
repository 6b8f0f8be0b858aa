-- What another service says of its merged resources: `original_id` is `present_id` by now. Rows that a writer, knowing
-- only the old name, adds after the merge are found by it (libs/feed/redirect.h).
CREATE TABLE redirected (
  region_code text NOT NULL,
  target_type text NOT NULL,
  original_id text NOT NULL,
  present_id  text NOT NULL CHECK (present_id <> original_id),
  PRIMARY KEY (region_code, target_type, original_id)
);
ALTER TABLE redirected ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON redirected USING (scope_allows(region_code, NULL, NULL, NULL));
