DROP INDEX district_officer_head_until;
DROP INDEX site_last;
DROP INDEX appointment_term_end;
DROP INDEX consent_valid_until;
