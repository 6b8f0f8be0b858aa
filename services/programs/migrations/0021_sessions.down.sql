ALTER TABLE risk_settings DROP COLUMN open_deferral_days;
ALTER TABLE enrolment DROP COLUMN entry_session_date, DROP COLUMN exit_session_date;
DROP TABLE session_told;
