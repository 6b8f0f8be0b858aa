-- Systems as their acts describe them: profiles, subjects, the functions matrix, who acts as them; districts.

-- What an act says is public in its region: who may see anything there may read it, only the region's scope writes it.
CREATE FUNCTION region_has_scope(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE EXISTS (
      SELECT FROM unnest(string_to_array(current_setting('rsnms.scopes', true), ',')) AS scope
      WHERE scope = 'regions/' || region OR starts_with(scope, 'regions/' || region || '/'))
  END
$$;

CREATE TABLE system_profile (
  region_code text NOT NULL REFERENCES region (region_code),
  id text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  title text NOT NULL,
  act jsonb,
  municipality_id text,
  system_abbreviation text NOT NULL,
  levels jsonb NOT NULL,
  kinds jsonb NOT NULL,
  abbreviations jsonb NOT NULL,
  external_actors jsonb NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id)
);
ALTER TABLE system_profile ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON system_profile USING (region_has_scope(region_code))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE system_subject (
  region_code text NOT NULL,
  id text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  profile_id text NOT NULL,
  code text NOT NULL,
  official_name text NOT NULL,
  abbreviation text NOT NULL,
  abbreviation_variants text[] NOT NULL,
  name_variants text[] NOT NULL,
  kind text NOT NULL,
  standing text NOT NULL,
  level text NOT NULL,
  parent_id text CHECK (parent_id <> id),
  hierarchy text NOT NULL,
  host text NOT NULL,
  clause text NOT NULL,
  head_title text NOT NULL,
  note text NOT NULL,
  "position" integer NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, profile_id) REFERENCES system_profile (region_code, id),
  FOREIGN KEY (region_code, parent_id) REFERENCES system_subject (region_code, id)
);
CREATE INDEX system_subject_profile ON system_subject (region_code, profile_id, id);
CREATE INDEX system_subject_kind ON system_subject (region_code, kind, id);
CREATE INDEX system_subject_parent ON system_subject (region_code, parent_id, id);
CREATE INDEX system_subject_position ON system_subject (region_code, "position", id);
ALTER TABLE system_subject ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON system_subject USING (region_has_scope(region_code))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE function_assignment (
  region_code text NOT NULL,
  id text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  profile_id text NOT NULL,
  subject_id text NOT NULL,
  code text NOT NULL,
  canonical_code text NOT NULL,
  text text NOT NULL,
  text_en text NOT NULL,
  clause text NOT NULL,
  obligation text NOT NULL,
  joint_partners_ids text[] NOT NULL,
  joint_form text NOT NULL,
  external_partners text[] NOT NULL,
  parties text[] NOT NULL,
  deliver_to_id text,
  note text NOT NULL,
  "position" integer NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, profile_id) REFERENCES system_profile (region_code, id),
  FOREIGN KEY (region_code, subject_id) REFERENCES system_subject (region_code, id),
  FOREIGN KEY (region_code, deliver_to_id) REFERENCES system_subject (region_code, id)
);
CREATE INDEX function_assignment_profile ON function_assignment (region_code, profile_id, id);
CREATE INDEX function_assignment_subject ON function_assignment (region_code, subject_id, id);
CREATE INDEX function_assignment_canonical ON function_assignment (region_code, canonical_code, id);
CREATE INDEX function_assignment_position ON function_assignment (region_code, "position", id);
CREATE INDEX function_assignment_deliver_to ON function_assignment (region_code, deliver_to_id);
CREATE INDEX function_assignment_partners ON function_assignment USING gin (joint_partners_ids);
ALTER TABLE function_assignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON function_assignment USING (region_has_scope(region_code))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE acting_organisation (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  subject_id text NOT NULL,
  organisation_id uuid NOT NULL,
  valid_from_date date NOT NULL,
  valid_until_date date,
  basis_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, subject_id) REFERENCES system_subject (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  CONSTRAINT acting_organisation_once EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, subject_id WITH =,
    daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX acting_organisation_subject ON acting_organisation (region_code, subject_id, id);
CREATE INDEX acting_organisation_organisation ON acting_organisation (region_code, organisation_id, id);
-- Seen by those who see the body; written by those who hold the region.
ALTER TABLE acting_organisation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON acting_organisation USING (
  scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = acting_organisation.region_code AND o.id = acting_organisation.organisation_id
  )
) WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE organisation_profile_name (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  profile_id text NOT NULL,
  official_name text NOT NULL,
  abbreviation text NOT NULL,
  variants text[] NOT NULL,
  clause text NOT NULL,
  valid_from_date date NOT NULL,
  valid_until_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, profile_id) REFERENCES system_profile (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  CONSTRAINT organisation_profile_name_once EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, profile_id WITH =,
    daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX organisation_profile_name_organisation
  ON organisation_profile_name (region_code, organisation_id, id);
CREATE INDEX organisation_profile_name_profile ON organisation_profile_name (region_code, profile_id, id);
ALTER TABLE organisation_profile_name ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation_profile_name USING (
  scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = organisation_profile_name.region_code AND o.id = organisation_profile_name.organisation_id
  )
) WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE district (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  official_name text NOT NULL,
  abbreviation text NOT NULL,
  kind text NOT NULL,
  centre_id uuid,
  head_mode text NOT NULL,
  formed_date date NOT NULL,
  basis_document text NOT NULL,
  state text NOT NULL,
  closed_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, centre_id) REFERENCES organisation (region_code, id),
  CHECK (closed_date >= formed_date)
);
CREATE INDEX district_official_name ON district (region_code, official_name, id);
CREATE INDEX district_centre ON district (region_code, centre_id, id);
ALTER TABLE district ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON district USING (region_has_scope(region_code))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE district_member (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  district_id uuid NOT NULL,
  municipality_id text NOT NULL,
  kind text NOT NULL,  -- the district's, which never changes
  valid_from_date date NOT NULL,
  valid_until_date date,
  basis_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, district_id) REFERENCES district (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  -- A municipality is in one district of a kind on any date.
  CONSTRAINT district_member_one_district EXCLUDE USING gist (
    municipality_id WITH =, (region_code::int) WITH =, kind WITH =,
    daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX district_member_district ON district_member (region_code, district_id, id);
CREATE INDEX district_member_municipality ON district_member (region_code, municipality_id, id);
ALTER TABLE district_member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON district_member USING (region_has_scope(region_code))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE district_officer (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  district_id uuid NOT NULL,
  role text NOT NULL,
  person_id uuid NOT NULL,
  organisation_id uuid,
  municipality_id text,
  valid_from_date date NOT NULL,
  valid_until_date date,
  basis_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, district_id) REFERENCES district (region_code, id),
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (valid_until_date >= valid_from_date),
  -- One head of a district on any date.
  CONSTRAINT district_officer_one_head EXCLUDE USING gist (
    district_id WITH =, (region_code::int) WITH =, daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (role = 'HEAD' AND delete_time IS NULL),
  -- Nobody twice in one role.
  CONSTRAINT district_officer_once EXCLUDE USING gist (
    person_id WITH =, (region_code::int) WITH =, district_id WITH =, role WITH =,
    daterange(valid_from_date, valid_until_date, '[]') WITH &&
  ) WHERE (delete_time IS NULL)
);
CREATE INDEX district_officer_district ON district_officer (region_code, district_id, id);
CREATE INDEX district_officer_person ON district_officer (region_code, person_id, id);
CREATE INDEX district_officer_organisation ON district_officer (region_code, organisation_id, id);
CREATE INDEX district_officer_municipality ON district_officer (region_code, municipality_id, id);
-- Seen by who sends them, whom they speak for, and themselves; written by those who hold the region.
ALTER TABLE district_officer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON district_officer
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text))
  WITH CHECK (scope_allows(region_code, NULL, NULL, NULL));

CREATE TABLE district_resource (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  district_id uuid NOT NULL,
  title text NOT NULL,
  kind text NOT NULL,
  owner_id uuid NOT NULL,
  description text NOT NULL,
  uri text NOT NULL,
  valid_from_date date NOT NULL,
  valid_until_date date,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, district_id) REFERENCES district (region_code, id),
  FOREIGN KEY (region_code, owner_id) REFERENCES organisation (region_code, id),
  CHECK (valid_until_date >= valid_from_date)
);
CREATE INDEX district_resource_district ON district_resource (region_code, district_id, id);
CREATE INDEX district_resource_owner ON district_resource (region_code, owner_id, id);
-- The fund is for everybody in the region; its owner, and who holds the region, fill it.
ALTER TABLE district_resource ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON district_resource USING (region_has_scope(region_code)) WITH CHECK (
  scope_allows(region_code, NULL, owner_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = district_resource.region_code AND o.id = district_resource.owner_id
  )
);
