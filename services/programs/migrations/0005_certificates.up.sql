-- Certificates, and their way to ФИС ФРДО: packages and rows sent. No personal data: rows are known by a keyed hash.

CREATE TABLE certificate (
  region_code         text        NOT NULL,
  id                  uuid        NOT NULL,
  version             bigint      NOT NULL,
  create_time         timestamptz NOT NULL,
  update_time         timestamptz NOT NULL,
  delete_time         timestamptz,
  completion_id       uuid        NOT NULL,
  person_id           uuid        NOT NULL,
  organisation_id     uuid        NOT NULL,
  municipality_id     text,
  programme_id        uuid        NOT NULL,
  provider_id         uuid,
  issuer_key          text        NOT NULL,
  issuer_title        text        NOT NULL,
  kind                text        NOT NULL,
  programme_title     text        NOT NULL,
  study_form          text        NOT NULL,
  start_date          date,
  end_date            date        NOT NULL,
  series              text        NOT NULL,
  number              text        NOT NULL CHECK (number <> ''),
  registration_number text        NOT NULL,
  issue_date          date        NOT NULL CHECK (issue_date >= end_date),
  duration_hours      integer     NOT NULL CHECK (duration_hours > 0),
  state               text        NOT NULL,
  state_date          date,
  state_reason        text        NOT NULL,
  ground              text        NOT NULL,
  predecessor_id      uuid,
  successor_id        uuid,
  professional_area   text        NOT NULL,
  ugsn_code           text        NOT NULL,
  qualification_title text        NOT NULL,
  funding_source      text        NOT NULL,
  prior_education     text        NOT NULL,
  citizenship_code    text        NOT NULL,
  signing_key_id      text        NOT NULL,
  signature           text        NOT NULL CHECK (signature <> ''),
  verification_code   text COLLATE "C" NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, completion_id) REFERENCES completion (region_code, id),
  FOREIGN KEY (region_code, programme_id) REFERENCES programme (region_code, id),
  FOREIGN KEY (region_code, predecessor_id) REFERENCES certificate (region_code, id),
  FOREIGN KEY (region_code, successor_id) REFERENCES certificate (region_code, id),
  CHECK ((ground = 'FIRST') = (predecessor_id IS NULL)),
  CHECK ((state IN ('DUPLICATED', 'REPLACED')) = (successor_id IS NOT NULL)),
  CHECK ((state = 'ISSUED') = (state_date IS NULL))
);
-- A number is one issuer's one document.
CREATE UNIQUE INDEX certificate_number_of_issuer ON certificate (region_code, issuer_key, series, number);
-- The documents of a completion are a chain: one first, each with one successor at most; so one is in force at most.
CREATE UNIQUE INDEX certificate_first_of_completion ON certificate (region_code, completion_id) WHERE ground = 'FIRST';
CREATE UNIQUE INDEX certificate_one_successor ON certificate (region_code, predecessor_id)
  WHERE predecessor_id IS NOT NULL;
CREATE UNIQUE INDEX certificate_verification_code ON certificate (region_code, verification_code);
CREATE INDEX certificate_completion ON certificate (region_code, completion_id);
CREATE INDEX certificate_person ON certificate (region_code, person_id);
CREATE INDEX certificate_organisation ON certificate (region_code, organisation_id);
CREATE INDEX certificate_municipality ON certificate (region_code, municipality_id);
CREATE INDEX certificate_programme ON certificate (region_code, programme_id);
CREATE INDEX certificate_provider ON certificate (region_code, provider_id);
CREATE INDEX certificate_kind ON certificate (region_code, kind);
CREATE INDEX certificate_number ON certificate (region_code, number);
CREATE INDEX certificate_issue_date ON certificate (region_code, issue_date, id);
CREATE INDEX certificate_state ON certificate (region_code, state);
CREATE INDEX certificate_ground ON certificate (region_code, ground);
CREATE INDEX certificate_predecessor ON certificate (region_code, predecessor_id);
CREATE INDEX certificate_successor ON certificate (region_code, successor_id);

-- What is signed never changes, and no document goes. The person may turn out to be another (libs/feed/redirect.h), the
-- state moves on, and what is told to ФИС ФРДО beside the signed facts may be mended.
CREATE FUNCTION certificate_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free constant text[] := '{person_id,version,update_time,state,state_date,state_reason,successor_id,'
    'professional_area,ugsn_code,qualification_title,funding_source,prior_education,citizenship_code}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a certificate does not change once signed' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER signed BEFORE UPDATE OR DELETE ON certificate
  FOR EACH ROW EXECUTE FUNCTION certificate_is_signed();

CREATE TABLE frdo_package (
  region_code     text        NOT NULL,
  id              uuid        NOT NULL,
  version         bigint      NOT NULL,
  create_time     timestamptz NOT NULL,
  update_time     timestamptz NOT NULL,
  delete_time     timestamptz,
  template        text        NOT NULL,
  provider_id     uuid,
  purpose         text        NOT NULL,
  state           text        NOT NULL,
  row_count       integer     NOT NULL,
  accepted_count  integer     NOT NULL,
  rejected_count  integer     NOT NULL,
  register_number text        NOT NULL,
  send_date       date,
  PRIMARY KEY (region_code, id),
  CHECK (accepted_count + rejected_count <= row_count)
);
CREATE INDEX frdo_package_provider ON frdo_package (region_code, provider_id);
CREATE INDEX frdo_package_state ON frdo_package (region_code, state);
CREATE INDEX frdo_package_create_time ON frdo_package (region_code, create_time);

CREATE TABLE frdo_row (
  region_code      text        NOT NULL,
  id               uuid        NOT NULL,
  version          bigint      NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  delete_time      timestamptz,
  frdo_package_id  uuid        NOT NULL,
  certificate_id   uuid        NOT NULL,
  provider_id      uuid,
  row_number       integer     NOT NULL CHECK (row_number >= 2),
  content_hash     text        NOT NULL,
  certificate_time timestamptz NOT NULL,
  state            text        NOT NULL,
  message          text        NOT NULL,
  receipt_time     timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, frdo_package_id) REFERENCES frdo_package (region_code, id),
  FOREIGN KEY (region_code, certificate_id) REFERENCES certificate (region_code, id)
);
CREATE UNIQUE INDEX frdo_row_place ON frdo_row (region_code, frdo_package_id, row_number);
CREATE UNIQUE INDEX frdo_row_once ON frdo_row (region_code, frdo_package_id, certificate_id);
CREATE INDEX frdo_row_certificate ON frdo_row (region_code, certificate_id, create_time DESC, id DESC);
CREATE INDEX frdo_row_provider ON frdo_row (region_code, provider_id);
CREATE INDEX frdo_row_state ON frdo_row (region_code, state);

-- Who learnt, their body and its municipality see a certificate, and so does who issued it. Packages and rows are the
-- issuer's; those of all issuers are seen by the whole region's scope alone.
ALTER TABLE certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON certificate
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
      OR scope_allows(region_code, NULL, provider_id::text, NULL));
ALTER TABLE frdo_package ENABLE ROW LEVEL SECURITY;
ALTER TABLE frdo_package FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON frdo_package USING (scope_allows(region_code, NULL, provider_id::text, NULL));
ALTER TABLE frdo_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE frdo_row FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON frdo_row USING (scope_allows(region_code, NULL, provider_id::text, NULL));
