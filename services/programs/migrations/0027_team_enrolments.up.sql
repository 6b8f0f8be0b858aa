-- Which enrolments a team's training made: it does not end while these people learn.
CREATE TABLE team_enrolment (
  region_code      text NOT NULL,
  team_training_id uuid NOT NULL,
  enrolment_id     uuid NOT NULL,
  PRIMARY KEY (region_code, team_training_id, enrolment_id),
  FOREIGN KEY (region_code, team_training_id) REFERENCES team_training (region_code, id) ON DELETE CASCADE,
  FOREIGN KEY (region_code, enrolment_id) REFERENCES enrolment (region_code, id) ON DELETE CASCADE
);
CREATE INDEX team_enrolment_enrolment ON team_enrolment (region_code, enrolment_id);

-- Of trainings that go on: what their members have in the group they were last enrolled in. The owner sees all rows.
ALTER TABLE team_training NO FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolment NO FORCE ROW LEVEL SECURITY;
INSERT INTO team_enrolment (region_code, team_training_id, enrolment_id)
SELECT t.region_code, t.id, e.id
  FROM team_training t
  JOIN enrolment e ON e.region_code = t.region_code AND e.group_id = t.group_id AND e.programme_id = t.programme_id
   AND e.person_id::text = ANY (t.members_ids)
 WHERE t.state = 'IN_PROGRESS';
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
ALTER TABLE team_training FORCE ROW LEVEL SECURITY;

ALTER TABLE team_enrolment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON team_enrolment USING (scope_allows(region_code, NULL, NULL, NULL));
