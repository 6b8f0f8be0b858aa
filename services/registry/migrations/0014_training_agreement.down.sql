ALTER TABLE mms_training DROP COLUMN agreement_id;
