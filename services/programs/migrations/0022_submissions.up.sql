-- What is sent to the federal register: one application for a version, its bytes, its way.
-- Runs as programs_owner with search_path = programs.

CREATE TABLE register_submission (
  region_code              text        NOT NULL,
  id                       uuid        NOT NULL,
  version                  bigint      NOT NULL,
  create_time              timestamptz NOT NULL,
  update_time              timestamptz NOT NULL,
  delete_time              timestamptz,
  programme_version_id     uuid        NOT NULL,
  provider_id              uuid        NOT NULL,
  state                    text        NOT NULL,
  content_sha256           text        NOT NULL,
  content_bytes            integer     NOT NULL CHECK (content_bytes > 0),
  attempt_count            integer     NOT NULL,
  failure_count            integer     NOT NULL,
  last_attempt_time        timestamptz,
  next_attempt_time        timestamptz,
  last_error               text        NOT NULL,
  receipt_number           text        NOT NULL,
  receive_time             timestamptz,
  register_state           text        NOT NULL,
  register_number          text        NOT NULL,
  decision_date            date,
  remarks                  jsonb       NOT NULL,
  version_state            text        NOT NULL,
  former_state             text        NOT NULL,
  former_state_reason      text        NOT NULL,
  former_submission_date   date,
  former_submission_number text        NOT NULL,
  former_answer_date       date,
  end_time                 timestamptz,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, programme_version_id) REFERENCES programme_version (region_code, id),
  -- What left is not cancelled, what is not over has no end.
  CHECK (state <> 'CANCELLED' OR attempt_count = 0),
  CHECK ((end_time IS NULL) = (state IN ('QUEUED', 'SENDING', 'SENT')))
);
CREATE INDEX register_submission_programme_version ON register_submission (region_code, programme_version_id, id);
CREATE INDEX register_submission_provider ON register_submission (region_code, provider_id, id);
CREATE INDEX register_submission_state ON register_submission (region_code, state, id);
CREATE INDEX register_submission_create_time ON register_submission (region_code, create_time, id);
-- One submission of a version is under way at a time.
CREATE UNIQUE INDEX register_submission_one_under_way ON register_submission (region_code, programme_version_id)
  WHERE state IN ('QUEUED', 'SENDING', 'SENT') AND delete_time IS NULL;
-- What the worker looks for, in every region.
CREATE INDEX register_submission_living ON register_submission (region_code, id)
  WHERE state IN ('QUEUED', 'SENDING', 'SENT') AND delete_time IS NULL;

-- What is sent and what was answered, apart from the resource: its journal need not repeat them with every step.
CREATE TABLE register_submission_content (
  region_code text  NOT NULL,
  id          uuid  NOT NULL,
  content     bytea NOT NULL,
  answer      bytea,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, id) REFERENCES register_submission (region_code, id)
);

-- The provider sends its versions, as it writes them.
ALTER TABLE register_submission ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_submission USING (scope_allows(region_code, NULL, provider_id::text, NULL));
ALTER TABLE register_submission_content ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON register_submission_content USING (EXISTS (
  SELECT FROM register_submission s
   WHERE s.region_code = register_submission_content.region_code AND s.id = register_submission_content.id));

-- The same bytes are sent each time, and an answer is kept as it came.
CREATE FUNCTION register_submission_content_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.content = OLD.content AND NEW.region_code = OLD.region_code AND NEW.id = OLD.id
     AND (OLD.answer IS NULL OR NEW.answer = OLD.answer) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was sent does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER kept BEFORE UPDATE ON register_submission_content
  FOR EACH ROW EXECUTE FUNCTION register_submission_content_is_kept();
