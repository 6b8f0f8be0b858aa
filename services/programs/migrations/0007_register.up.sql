-- The mirror of the federal register: the entry behind each programme, conflicts, notices, settings of a region.
-- Runs as programs_owner with search_path = programs.

ALTER TABLE register_sync
  ADD COLUMN source         text    NOT NULL DEFAULT 'FEDERAL',
  ADD COLUMN verified_count integer NOT NULL DEFAULT 0,
  ADD COLUMN conflict_count integer NOT NULL DEFAULT 0,
  ADD COLUMN notice_count   integer NOT NULL DEFAULT 0,
  ADD COLUMN shrink_percent integer NOT NULL DEFAULT 30,
  ADD COLUMN retry_time     timestamptz;
CREATE INDEX register_sync_source ON register_sync (region_code, source);

ALTER TABLE register_change
  ADD COLUMN field_changes jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN match         text  NOT NULL DEFAULT 'UNSPECIFIED';
CREATE INDEX register_change_match ON register_change (region_code, match);

-- Written by the mirror past the engine: what is said outside needs no journal of ours. id is the programme's.
CREATE TABLE register_entry (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  programme        text        NOT NULL,
  register_number  text        COLLATE "C" NOT NULL,
  match            text        NOT NULL,
  payload          bytea       NOT NULL,
  sha256           text        NOT NULL,
  match_key        text        NOT NULL,  -- title and provider as the register says them
  fetch_time       timestamptz,
  register_sync_id uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, id) REFERENCES programme (region_code, id),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id)
);
CREATE INDEX register_entry_programme ON register_entry (region_code, programme);
CREATE INDEX register_entry_register_number ON register_entry (region_code, register_number);
CREATE INDEX register_entry_match ON register_entry (region_code, match);
CREATE INDEX register_entry_match_key ON register_entry (region_code, match_key);
CREATE INDEX register_entry_create_time ON register_entry (region_code, create_time);

CREATE TABLE register_conflict (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  state            text        NOT NULL,
  programme        text        NOT NULL,
  register_number  text        NOT NULL,
  field            text        NOT NULL,
  base_value       text        NOT NULL,
  their_value      text        NOT NULL,
  our_value        text        NOT NULL,
  register_sync_id uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id)
);
-- One question about a field at a time.
CREATE UNIQUE INDEX register_conflict_one_open ON register_conflict (region_code, programme, field)
  WHERE state = 'OPEN' AND delete_time IS NULL;
CREATE INDEX register_conflict_state ON register_conflict (region_code, state);
CREATE INDEX register_conflict_programme ON register_conflict (region_code, programme);
CREATE INDEX register_conflict_register_number ON register_conflict (region_code, register_number);
CREATE INDEX register_conflict_field ON register_conflict (region_code, field);
CREATE INDEX register_conflict_sync ON register_conflict (region_code, register_sync_id);
CREATE INDEX register_conflict_create_time ON register_conflict (region_code, create_time);

CREATE TABLE register_notice (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  state            text        NOT NULL,
  decision         text        NOT NULL,
  enrolment        text        NOT NULL,
  programme        text        NOT NULL,
  register_number  text        NOT NULL,
  withdrawn_date   date,
  person_id        uuid,
  organisation_id  uuid,
  municipality_id  text,
  route_id         uuid,
  route_item_id    text        NOT NULL,
  register_sync_id uuid,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, register_sync_id) REFERENCES register_sync (region_code, id)
);
CREATE INDEX register_notice_state ON register_notice (region_code, state);
CREATE INDEX register_notice_enrolment ON register_notice (region_code, enrolment);
CREATE INDEX register_notice_programme ON register_notice (region_code, programme);
CREATE INDEX register_notice_person ON register_notice (region_code, person_id);
CREATE INDEX register_notice_organisation ON register_notice (region_code, organisation_id);
CREATE INDEX register_notice_municipality ON register_notice (region_code, municipality_id);
CREATE INDEX register_notice_route ON register_notice (region_code, route_id);
CREATE INDEX register_notice_create_time ON register_notice (region_code, create_time);

CREATE TABLE register_policy (
  region_code      text        NOT NULL,
  id               text        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  shrink_percent   integer     NOT NULL CHECK (shrink_percent BETWEEN 1 AND 100),
  PRIMARY KEY (region_code, id),
  CHECK (id = 'mirror')
);

-- What is mirrored already gets its entry from the snapshots still kept.
SELECT set_config('rsnms.scopes', '*', true);
INSERT INTO register_entry (region_code, id, version, create_time, update_time, programme, register_number, match,
                            payload, sha256, match_key, fetch_time, register_sync_id)
SELECT DISTINCT ON (p.region_code, p.id) p.region_code, p.id, 1, s.fetch_time, s.fetch_time,
       'regions/' || p.region_code || '/programmes/' || p.id, s.register_number, 'NUMBER', s.payload, s.payload_sha256,
       s.match_key, s.fetch_time, s.register_sync_id
FROM programme p
JOIN register_snapshot s ON s.region_code = p.region_code AND s.register_number = p.federal_register_number
  AND s.payload_sha256 = p.register_sha256
ORDER BY p.region_code, p.id, s.fetch_time DESC;

ALTER TABLE register_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_entry FORCE ROW LEVEL SECURITY;
-- Whoever sees the programme sees what the register says of it.
CREATE POLICY scope ON register_entry USING (scope_allows(region_code, NULL, NULL, NULL)
  OR EXISTS (SELECT FROM programme p WHERE p.region_code = register_entry.region_code AND p.id = register_entry.id));
ALTER TABLE register_conflict ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_conflict FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_conflict USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE register_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_notice FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_notice USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
ALTER TABLE register_policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE register_policy FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_policy USING (scope_allows(region_code, NULL, NULL, NULL));
