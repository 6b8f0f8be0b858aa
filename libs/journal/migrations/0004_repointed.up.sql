-- Where references to a merged resource point by now, so that separating it again restores exactly them
-- (libs/resource/repoint.h): the row's field named `original_id`, today it names `present_id`.
CREATE TABLE repointed (
  region_code   text NOT NULL,
  resource_type text NOT NULL,  -- of the referring row
  row_id        text NOT NULL,
  field         text NOT NULL,
  target_type   text NOT NULL,  -- of what is referred to
  original_id   text NOT NULL,
  present_id    text NOT NULL CHECK (present_id <> original_id),
  PRIMARY KEY (region_code, resource_type, row_id, field, original_id)
);
CREATE INDEX repointed_original ON repointed (region_code, target_type, original_id);
ALTER TABLE repointed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON repointed USING (scope_allows(region_code, NULL, NULL, NULL));
