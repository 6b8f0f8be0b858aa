CREATE TABLE item (
  id     bigint PRIMARY KEY,
  name   text,
  amount bigint NOT NULL DEFAULT 0,
  parent bigint,
  slot   int4range,
  blob   bytea,
  tags   text[],
  CONSTRAINT item_name_key UNIQUE (name),
  CONSTRAINT item_amount_not_negative CHECK (amount >= 0),
  CONSTRAINT item_parent_fkey FOREIGN KEY (parent) REFERENCES item (id),
  CONSTRAINT item_slot_free EXCLUDE USING gist (slot WITH &&)
);

CREATE TABLE secret (
  region_code text NOT NULL,
  id          bigint NOT NULL,
  PRIMARY KEY (region_code, id)
);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON secret USING (scope_allows(region_code, NULL, NULL, NULL));

-- Any error a server can answer.
CREATE FUNCTION raise_state(state text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the text says secret-value' USING ERRCODE = state, CONSTRAINT = 'some_rule';
END $$;

-- Commits of rows with amount 777 take a second: a deferred trigger sleeps inside COMMIT.
CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(1);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER item_slow_commit AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.amount = 777) EXECUTE FUNCTION slow_commit();
