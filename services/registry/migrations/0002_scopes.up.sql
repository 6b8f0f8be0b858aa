-- What each reader may see, repeated in the database: a forgotten check in code shows no foreign row. The first term of
-- each policy decides for whole regions without looking at other tables.
ALTER TABLE region ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON region USING (scope_allows(region_code, NULL, NULL, NULL));

ALTER TABLE municipality ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON municipality USING (scope_allows(region_code, id, NULL, NULL));

ALTER TABLE organisation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation USING (scope_allows(region_code, municipality_id, id::text, NULL));

-- A link is seen by those who see the body below.
ALTER TABLE organisation_link ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organisation_link USING (
  scope_allows(region_code, NULL, child_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = organisation_link.region_code AND o.id = organisation_link.child_id
  )
);

ALTER TABLE employment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON employment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));

-- A person is seen by themselves and by those who see one of their employments.
ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON person USING (
  scope_allows(region_code, NULL, NULL, id::text)
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.id AND e.delete_time IS NULL
  )
);

-- Support is seen by those who give it and by those who see the supported person.
ALTER TABLE support_record ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON support_record USING (
  scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM person p
    WHERE p.region_code = support_record.region_code AND p.id = support_record.person_id
  )
);

ALTER TABLE management_team ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON management_team
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
