-- A training may name the agreement's own record.
ALTER TABLE mms_training
  ADD COLUMN agreement_id uuid,
  ADD FOREIGN KEY (region_code, agreement_id) REFERENCES agreement (region_code, id);
CREATE INDEX mms_training_agreement ON mms_training (region_code, agreement_id, id);
