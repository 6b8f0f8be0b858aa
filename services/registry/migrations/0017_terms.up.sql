-- Terms that end: each kind is a range of an index on its last day.
CREATE INDEX consent_valid_until ON consent (region_code, valid_until_date) WHERE delete_time IS NULL AND state = 'GIVEN';
CREATE INDEX appointment_term_end ON appointment (region_code, term_end_date)
  WHERE delete_time IS NULL AND state IN ('APPOINTED', 'ACCESS_GRANTED');
CREATE INDEX site_last ON site (region_code, (coalesce(extended_until_date, status_until_date)))
  WHERE delete_time IS NULL AND state IN ('STATUS_GRANTED', 'SUSPENDED');
CREATE INDEX district_officer_head_until ON district_officer (region_code, valid_until_date)
  WHERE delete_time IS NULL AND role = 'HEAD';
