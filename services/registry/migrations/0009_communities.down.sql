DROP TABLE community_plan;
DROP TABLE meeting_decision;
DROP TABLE meeting;
DROP TABLE membership;
DROP TABLE community;
DROP FUNCTION scope_touches(text);
