-- Two of the registry's resources, enough for a source of changes: one public, one full of personal data.
CREATE TABLE organisation (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  official_name text NOT NULL,
  short_name text NOT NULL,
  kind text NOT NULL,
  municipality_id text,
  inn text NOT NULL,
  kpp text NOT NULL,
  ogrn text NOT NULL,
  founded_date date,
  closed_date date,
  successors_ids text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (region_code, id)
);
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation
  USING (scope_allows(region_code, municipality_id, id::text, NULL));

CREATE TABLE person (
  region_code text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  family_name text NOT NULL,
  given_name text NOT NULL,
  patronymic text NOT NULL,
  birth_date date,
  sex text NOT NULL,
  snils text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  teaching_start_date date,
  young_specialist_until_date date,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON person USING (scope_allows(region_code, NULL, NULL, id::text));
