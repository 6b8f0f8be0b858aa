DROP TABLE team_enrolment;
