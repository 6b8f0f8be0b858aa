-- One key of a document's number, however it is written: certificates and recorded completions are compared by it.

-- What is compared of a series and number: letters and digits, in capitals, Ё as Е, Latin letters that look like Cyrillic
-- ones as those; white space, punctuation, №, Unicode's dashes and quotation marks are left out. The service computes the
-- same (services/programs/certificate_number.h).
CREATE FUNCTION certificate_key(number text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT translate(
    regexp_replace(number COLLATE "C",
                   '[[:space:][:punct:]\u00a0\u00ab\u00ad\u00bb\u2000-\u206f\u2116\u2212\u3000\ufeff]', '', 'g'),
    'abcdefghijklmnopqrstuvwxyzABCEHKMOPTXYабвгдежзийклмнопрстуфхцчшщъыьэюяёЁ',
    'АВСDЕFGНIJКLМNОРQRSТUVWХУZАВСЕНКМОРТХУАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЕЕ')
$$;

ALTER TABLE certificate ADD COLUMN number_key text;
ALTER TABLE completion ADD COLUMN number_key text;

-- Documents that share a key since before: the first keeps it, the others get one no number has, and stay as they are.
-- The owner sees all rows.
ALTER TABLE certificate NO FORCE ROW LEVEL SECURITY;
ALTER TABLE completion NO FORCE ROW LEVEL SECURITY;
ALTER TABLE certificate DISABLE TRIGGER signed;
ALTER TABLE completion DISABLE TRIGGER immutable;
UPDATE certificate c SET number_key = CASE WHEN k.place = 1 AND k.key <> '' THEN k.key ELSE k.key || '/' || c.id END
  FROM (SELECT region_code, id, certificate_key(series || number) AS key,
               row_number() OVER (PARTITION BY region_code, issuer_key, certificate_key(series || number)
                                  ORDER BY create_time, id) AS place
          FROM certificate) k
 WHERE k.region_code = c.region_code AND k.id = c.id;
UPDATE completion c SET number_key = CASE WHEN k.place = 1 AND k.key <> '' THEN k.key ELSE k.key || '/' || c.id END
  FROM (SELECT region_code, id, certificate_key(certificate_number) AS key,
               row_number() OVER (PARTITION BY region_code, provider_key, certificate_key(certificate_number)
                                  ORDER BY create_time, id) AS place
          FROM completion) k
 WHERE k.region_code = c.region_code AND k.id = c.id;
ALTER TABLE completion ENABLE TRIGGER immutable;
ALTER TABLE certificate ENABLE TRIGGER signed;
ALTER TABLE completion FORCE ROW LEVEL SECURITY;
ALTER TABLE certificate FORCE ROW LEVEL SECURITY;

ALTER TABLE certificate ALTER COLUMN number_key SET NOT NULL, ADD CHECK (number_key <> '');
ALTER TABLE completion ALTER COLUMN number_key SET NOT NULL, ADD CHECK (number_key <> '');

-- Whoever writes, the key is that of the number.
CREATE FUNCTION certificate_takes_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.number_key := certificate_key(NEW.series || NEW.number);
  RETURN NEW;
END
$$;
CREATE TRIGGER numbered BEFORE INSERT ON certificate FOR EACH ROW EXECUTE FUNCTION certificate_takes_key();
CREATE FUNCTION completion_takes_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.number_key := certificate_key(NEW.certificate_number);
  RETURN NEW;
END
$$;
CREATE TRIGGER numbered BEFORE INSERT ON completion FOR EACH ROW EXECUTE FUNCTION completion_takes_key();

-- A number is one issuer's one document.
DROP INDEX certificate_number_of_issuer;
CREATE UNIQUE INDEX certificate_number_of_issuer ON certificate (region_code, issuer_key, number_key);
DROP INDEX completion_certificate_of_provider;
CREATE UNIQUE INDEX completion_certificate_of_provider ON completion (region_code, provider_key, number_key);
