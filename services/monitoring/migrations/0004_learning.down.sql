CREATE OR REPLACE FUNCTION projection_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE known_organisation, known_person, known_employment, known_support, known_team, known_team_member,
          known_session, known_route, known_programme, known_completion, subject_fact, cube;
END
$$;
ALTER TABLE known_programme DROP COLUMN provider_withdrew;
ALTER TABLE known_completion DROP COLUMN enrolment_id;
DROP TABLE known_version;
DROP TABLE known_certificate;
DROP TABLE known_enrolment;
