-- Orders of training, and the enrolments that carry them out.

CREATE TABLE training_order (
  region_code       text        NOT NULL,
  id                uuid        NOT NULL,
  version           bigint      NOT NULL,
  create_time       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  delete_time       timestamptz,
  state             text        NOT NULL,
  state_reason      text        NOT NULL,
  organisation_id   uuid,
  municipality_id   text,
  year              integer     NOT NULL,
  lines             jsonb       NOT NULL,
  approval_document text        NOT NULL,
  approval_date     date,
  execution_date    date,
  PRIMARY KEY (region_code, id),
  CHECK (organisation_id IS NOT NULL OR municipality_id IS NOT NULL)
);
CREATE INDEX training_order_state ON training_order (region_code, state, id);
CREATE INDEX training_order_organisation ON training_order (region_code, organisation_id, id);
CREATE INDEX training_order_municipality ON training_order (region_code, municipality_id, id);
CREATE INDEX training_order_year ON training_order (region_code, year, id);
-- An organisation sees its own, a municipality those of its bodies.
ALTER TABLE training_order ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON training_order
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));

-- What was handed in stays as it was, whoever writes.
CREATE FUNCTION training_order_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('DRAFT', 'RETURNED')
     OR (NEW.lines = OLD.lines AND NEW.year = OLD.year
         AND NEW.organisation_id IS NOT DISTINCT FROM OLD.organisation_id
         AND NEW.municipality_id IS NOT DISTINCT FROM OLD.municipality_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an order handed in does not change' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON training_order
  FOR EACH ROW EXECUTE FUNCTION training_order_is_frozen();

ALTER TABLE enrolment
  ADD COLUMN training_order_id uuid,
  ADD COLUMN order_line text NOT NULL DEFAULT '',
  ADD FOREIGN KEY (region_code, training_order_id) REFERENCES training_order (region_code, id),
  ADD CONSTRAINT enrolment_order_has_line CHECK ((training_order_id IS NULL) = (order_line = ''));
CREATE INDEX enrolment_training_order ON enrolment (region_code, training_order_id);
