DROP INDEX completion_certificate_of_provider;
CREATE UNIQUE INDEX completion_certificate_of_provider
  ON completion (region_code, provider_key, certificate_number);
DROP INDEX certificate_number_of_issuer;
CREATE UNIQUE INDEX certificate_number_of_issuer ON certificate (region_code, issuer_key, series, number);
DROP TRIGGER numbered ON completion;
DROP FUNCTION completion_takes_key();
DROP TRIGGER numbered ON certificate;
DROP FUNCTION certificate_takes_key();
ALTER TABLE completion DROP COLUMN number_key;
ALTER TABLE certificate DROP COLUMN number_key;
DROP FUNCTION certificate_key(text);
