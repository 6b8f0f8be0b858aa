DROP TRIGGER acceptance ON frdo_row;
DROP FUNCTION frdo_row_knows_acceptance();
ALTER TABLE frdo_row DROP COLUMN accepted_before;
ALTER TABLE certificate DROP CONSTRAINT certificate_succeeded;
ALTER TABLE certificate ADD CONSTRAINT certificate_check2
  CHECK ((state IN ('DUPLICATED', 'REPLACED')) = (successor_id IS NOT NULL)) NOT VALID;
ALTER TABLE completion
  DROP COLUMN programme_title,
  DROP COLUMN kind,
  DROP COLUMN study_form,
  DROP COLUMN provider_title;
