CREATE OR REPLACE FUNCTION projection_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE known_organisation, known_person, known_employment, known_support, known_team, known_team_member,
          known_session, known_route, known_programme, known_completion, known_enrolment, known_certificate,
          known_version, subject_fact, cube;
END
$$;
DROP TABLE known_learning_rules;
DROP TABLE known_learning_record;
DROP TABLE known_corporate;
