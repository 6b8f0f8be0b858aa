-- The planner's statistics of the projection, renewed by the service while the projection grows: a first snapshot fills the
-- tables faster than autovacuum looks at them, and without statistics every batch would walk whole regions. ANALYZE asks
-- for ownership, hence the definer's rights.
CREATE FUNCTION projection_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE known_organisation, known_person, known_employment, known_support, known_team, known_team_member,
          known_session, known_route, known_programme, known_completion, subject_fact, cube;
END
$$;
REVOKE ALL ON FUNCTION projection_analyze() FROM PUBLIC;
DO $$
DECLARE app text := current_schema() || '_app';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION projection_analyze() TO %I', app);
  END IF;
END
$$;
