-- What a document says is frozen when the programme is mastered, not when the document is written: title, kind, form and
-- provider. And a completion whose document was revoked may get another one. And what the register
-- accepts late, from a package that was given up, is not sent as new once more.

ALTER TABLE completion
  ADD COLUMN programme_title text,
  ADD COLUMN kind            text,
  ADD COLUMN study_form      text,
  ADD COLUMN provider_title  text;

-- Of what was completed before, the programme as it is now is all that is known. The owner sees all rows.
ALTER TABLE completion NO FORCE ROW LEVEL SECURITY;
ALTER TABLE programme NO FORCE ROW LEVEL SECURITY;
ALTER TABLE completion DISABLE TRIGGER immutable;
UPDATE completion c
   SET programme_title = p.title, kind = p.kind, study_form = p.form, provider_title = p.provider_title
  FROM programme p
 WHERE p.region_code = c.region_code AND p.id = c.programme_id;
ALTER TABLE completion ENABLE TRIGGER immutable;
ALTER TABLE programme FORCE ROW LEVEL SECURITY;
ALTER TABLE completion FORCE ROW LEVEL SECURITY;

ALTER TABLE completion
  ALTER COLUMN programme_title SET NOT NULL,
  ALTER COLUMN kind SET NOT NULL,
  ALTER COLUMN study_form SET NOT NULL,
  ALTER COLUMN provider_title SET NOT NULL;

-- A revoked document may have a successor, a document in force has none.
ALTER TABLE certificate DROP CONSTRAINT certificate_check2;
ALTER TABLE certificate ADD CONSTRAINT certificate_succeeded CHECK (
  CASE WHEN successor_id IS NULL THEN state IN ('ISSUED', 'REVOKED') ELSE state <> 'ISSUED' END);

-- Whether the register had accepted the document when the row was made: the row then names the number to be changed.
ALTER TABLE frdo_row ADD COLUMN accepted_before boolean;
ALTER TABLE frdo_row NO FORCE ROW LEVEL SECURITY;
UPDATE frdo_row r SET accepted_before = EXISTS (
  SELECT FROM frdo_row a WHERE a.region_code = r.region_code AND a.certificate_id = r.certificate_id
     AND a.state = 'ACCEPTED' AND (a.create_time, a.id) < (r.create_time, r.id));
ALTER TABLE frdo_row FORCE ROW LEVEL SECURITY;
ALTER TABLE frdo_row ALTER COLUMN accepted_before SET NOT NULL;
CREATE FUNCTION frdo_row_knows_acceptance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.accepted_before := EXISTS (
    SELECT FROM frdo_row a WHERE a.region_code = NEW.region_code AND a.certificate_id = NEW.certificate_id
       AND a.state = 'ACCEPTED');
  RETURN NEW;
END
$$;
CREATE TRIGGER acceptance BEFORE INSERT ON frdo_row FOR EACH ROW EXECUTE FUNCTION frdo_row_knows_acceptance();
