-- Who sees a row is no longer who may write it. Until now one policy of each table did both, so whoever saw a person or
-- a body wrote all that was recorded about them: an entrant judged their own entry, a former employer changed a person
-- for ever. services/registry/RIGHTS.md has the table; here `see` says who reads, `enter` who records, `change` who
-- changes (USING: the row as it stands; WITH CHECK: as it is to be) and `remove` who takes a row away for good, which
-- no method does. Tables without these four keep one policy, because whoever sees them may write them.
--
-- Subqueries without a reference to the row (scope_bodies, scope_people) are read once for a statement and hashed: a
-- narrow scope no longer asks for the employments of every person of the region. Whole regions never reach them.

-- Whether the whole region is in scope.
CREATE FUNCTION scope_covers(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE ('regions/' || region) = ANY (string_to_array(current_setting('rsnms.scopes', true), ','))
  END
$$;

-- The caller's scopes narrower than a region, each with one of the three set.
CREATE FUNCTION scope_parts(OUT region text, OUT municipality text, OUT organisation uuid, OUT person uuid)
RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT part[2],
         CASE WHEN part[3] = 'municipalities' THEN part[4] END,
         CASE WHEN part[3] = 'organisations' AND part[4] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              THEN part[4]::uuid END,
         CASE WHEN part[3] = 'persons' AND part[4] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              THEN part[4]::uuid END
    FROM unnest(string_to_array(current_setting('rsnms.scopes', true), ',')) AS scope,
         string_to_array(scope, '/') AS part
$$;

-- Whether the caller has every region, and the regions that are whole in scope. Policies ask both by subqueries, once for
-- a statement.
CREATE FUNCTION scope_is_all() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('rsnms.scopes', true) = '*', false)
$$;
CREATE FUNCTION scope_regions() RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT split_part(scope, '/', 2)
    FROM unnest(string_to_array(current_setting('rsnms.scopes', true), ',')) AS scope
   WHERE scope LIKE 'regions/%' AND split_part(scope, '/', 3) = ''
$$;

-- Bodies in the caller's narrower scopes: named by them, or lying in a municipality they name. Arrays, so that indexes are
-- used; that region and id belong together is asked by the tables' own policies.
CREATE FUNCTION scope_bodies() RETURNS TABLE (region_code text, id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s.region, s.organisation FROM scope_parts() AS s WHERE s.organisation IS NOT NULL
   UNION ALL
  SELECT o.region_code, o.id
    FROM organisation o
   WHERE o.region_code = ANY (ARRAY(SELECT s.region FROM scope_parts() AS s))
     AND o.municipality_id = ANY (ARRAY(SELECT s.municipality FROM scope_parts() AS s))
$$;

-- People in the caller's narrower scopes: named by them, or with a post in a body of theirs that lasts until `since` or
-- longer.
CREATE FUNCTION scope_people(since date) RETURNS TABLE (region_code text, id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s.region, s.person FROM scope_parts() AS s WHERE s.person IS NOT NULL
   UNION ALL
  SELECT e.region_code, e.person_id
    FROM employment e
   WHERE e.region_code = ANY (ARRAY(SELECT s.region FROM scope_parts() AS s))
     AND e.organisation_id = ANY (ARRAY(SELECT s.organisation FROM scope_parts() AS s))
     AND e.delete_time IS NULL AND coalesce(e.end_date, 'infinity') >= since
   UNION ALL
  SELECT e.region_code, e.person_id
    FROM employment e
   WHERE e.region_code = ANY (ARRAY(SELECT s.region FROM scope_parts() AS s))
     AND e.municipality_id = ANY (ARRAY(SELECT s.municipality FROM scope_parts() AS s))
     AND e.delete_time IS NULL AND coalesce(e.end_date, 'infinity') >= since
$$;

-- People the caller's narrower scopes read: a year longer than they work there, for the reports of that year
-- (152-ФЗ, article 5: no longer than the purpose demands).
CREATE FUNCTION scope_known_people() RETURNS TABLE (region_code text, id uuid)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT p.region_code, p.id FROM scope_people((CURRENT_DATE - interval '1 year')::date) AS p
$$;

-- Whether the body is the caller's: in a region, municipality or organisation in scope.
CREATE FUNCTION scope_holds(region text, organisation uuid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT scope_covers(region) OR EXISTS (SELECT FROM scope_bodies() AS b WHERE b.region_code = $1 AND b.id = $2)
$$;

-- Whether the person works today in a body of the caller's. Nobody employs themselves.
CREATE FUNCTION scope_employs(region text, person uuid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT scope_covers(region) OR EXISTS (
    SELECT FROM employment e
     WHERE e.region_code = $1 AND e.person_id = $2 AND e.delete_time IS NULL
       AND CURRENT_DATE BETWEEN e.start_date AND coalesce(e.end_date, 'infinity')
       AND scope_allows(e.region_code, e.municipality_id, e.organisation_id::text, NULL))
$$;

-- Whether the caller is that person, or has the region.
CREATE FUNCTION scope_is(region text, person uuid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT scope_allows($1, NULL, NULL, $2::text) $$;

-- Nobody writes their own post.
DROP POLICY scope ON employment;
CREATE POLICY see ON employment FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
);
CREATE POLICY enter ON employment FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON employment FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON employment FOR DELETE USING (scope_covers(region_code));

-- A tombstone is seen by those who see the survivor. Nobody is employed before they exist, so the region creates them.
-- Whoever sees a person may hold the row (USING), whoever employs them today may change it.
DROP POLICY scope ON person;
CREATE POLICY see ON person FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
  OR (region_code, merged_into_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON person FOR INSERT WITH CHECK (scope_covers(region_code));
CREATE POLICY change ON person FOR UPDATE USING (
  scope_covers(region_code)
  OR (region_code, id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
) WITH CHECK (scope_employs(region_code, id));
CREATE POLICY remove ON person FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON consent;
CREATE POLICY see ON consent FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON consent FOR INSERT WITH CHECK (scope_employs(region_code, person_id));
CREATE POLICY change ON consent FOR UPDATE USING (scope_employs(region_code, person_id));
CREATE POLICY remove ON consent FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON self_education_theme;
CREATE POLICY see ON self_education_theme FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON self_education_theme FOR INSERT WITH CHECK (scope_employs(region_code, person_id));
CREATE POLICY change ON self_education_theme FOR UPDATE USING (scope_employs(region_code, person_id));
CREATE POLICY remove ON self_education_theme FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON career_evidence;
CREATE POLICY see ON career_evidence FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON career_evidence FOR INSERT WITH CHECK (scope_employs(region_code, person_id));
CREATE POLICY change ON career_evidence FOR UPDATE USING (scope_employs(region_code, person_id));
CREATE POLICY remove ON career_evidence FOR DELETE USING (scope_covers(region_code));

-- Categories are decided by the region's attestation commission; the employer's own commission confirms compliance with
-- the post (приказ Минпросвещения № 196).
DROP POLICY scope ON qualification;
CREATE POLICY see ON qualification FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON qualification FOR INSERT WITH CHECK (
  scope_covers(region_code) OR (category = 'COMPLIANCE' AND scope_employs(region_code, person_id))
);
CREATE POLICY change ON qualification FOR UPDATE USING (
  scope_covers(region_code) OR (category = 'COMPLIANCE' AND scope_employs(region_code, person_id))
);
CREATE POLICY remove ON qualification FOR DELETE USING (scope_covers(region_code));

-- Recorded by the body that trained its own people.
DROP POLICY scope ON corporate_training;
CREATE POLICY see ON corporate_training FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON corporate_training FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id) AND scope_employs(region_code, person_id)
);
CREATE POLICY change ON corporate_training FOR UPDATE USING (
  scope_holds(region_code, organisation_id) AND scope_employs(region_code, person_id)
);
CREATE POLICY remove ON corporate_training FOR DELETE USING (scope_covers(region_code));

-- Written by who gives the support; without a giver, by the employer.
DROP POLICY scope ON support_record;
CREATE POLICY see ON support_record FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON support_record FOR INSERT WITH CHECK (
  CASE WHEN organisation_id IS NULL THEN scope_employs(region_code, person_id)
       ELSE scope_holds(region_code, organisation_id) END
);
CREATE POLICY change ON support_record FOR UPDATE USING (
  CASE WHEN organisation_id IS NULL THEN scope_employs(region_code, person_id)
       ELSE scope_holds(region_code, organisation_id) END
);
CREATE POLICY remove ON support_record FOR DELETE USING (scope_covers(region_code));

-- Derived by a trigger that has every scope.
DROP POLICY scope ON mentorship_participant;
CREATE POLICY see ON mentorship_participant FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON mentorship_participant FOR INSERT WITH CHECK (scope_covers(region_code));
CREATE POLICY change ON mentorship_participant FOR UPDATE USING (scope_covers(region_code));
CREATE POLICY remove ON mentorship_participant FOR DELETE USING (scope_covers(region_code));

-- Run by its body; participants and their employers read it.
DROP POLICY scope ON mentorship;
CREATE POLICY see ON mentorship FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM mentorship_participant p
             WHERE p.region_code = mentorship.region_code AND p.mentorship_id = mentorship.id)
);
CREATE POLICY enter ON mentorship FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON mentorship FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON mentorship FOR DELETE USING (scope_covers(region_code));

-- The fund is read by all of the region and filled by its owners.
DROP POLICY scope ON district_resource;
CREATE POLICY see ON district_resource FOR SELECT USING (scope_touches(region_code));
CREATE POLICY enter ON district_resource FOR INSERT WITH CHECK (scope_holds(region_code, owner_id));
CREATE POLICY change ON district_resource FOR UPDATE USING (scope_holds(region_code, owner_id));
CREATE POLICY remove ON district_resource FOR DELETE USING (scope_covers(region_code));

-- Bodies are reorganised by the region.
DROP POLICY scope ON organisation_change;
CREATE POLICY see ON organisation_change FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR EXISTS (
    SELECT FROM unnest(sources || targets) AS body
     WHERE (region_code, split_part(body, '/', 4)::uuid) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  )
);
CREATE POLICY enter ON organisation_change FOR INSERT WITH CHECK (scope_covers(region_code));
CREATE POLICY change ON organisation_change FOR UPDATE USING (scope_covers(region_code));
CREATE POLICY remove ON organisation_change FOR DELETE USING (scope_covers(region_code));

-- Seen from the educator's side and by the methodologist; made for the educator's body.
DROP POLICY scope ON attachment;
CREATE POLICY see ON attachment FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, educator_id::text)
  OR scope_is(region_code, methodologist_person_id)
);
CREATE POLICY enter ON attachment FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON attachment FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON attachment FOR DELETE USING (scope_covers(region_code));

-- Seen also by those who see an attachment, and held by them (USING) while they count the places.
DROP POLICY scope ON methodologist;
CREATE POLICY see ON methodologist FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM attachment a
             WHERE a.region_code = methodologist.region_code AND a.methodologist_id = methodologist.id
               AND a.delete_time IS NULL)
);
CREATE POLICY enter ON methodologist FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON methodologist FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM attachment a
             WHERE a.region_code = methodologist.region_code AND a.methodologist_id = methodologist.id
               AND a.delete_time IS NULL)
) WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON methodologist FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON mms_staff_member;
CREATE POLICY see ON mms_staff_member FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
);
CREATE POLICY enter ON mms_staff_member FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON mms_staff_member FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON mms_staff_member FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON mms_training;
CREATE POLICY see ON mms_training FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
);
CREATE POLICY enter ON mms_training FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON mms_training FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON mms_training FOR DELETE USING (scope_covers(region_code));

-- Seen by the parties and by the municipalities it covers; written by the parties.
DROP POLICY scope ON agreement;
CREATE POLICY see ON agreement FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR EXISTS (SELECT FROM unnest(organisations_ids) AS o
             WHERE (region_code, o::uuid) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b))
  OR EXISTS (SELECT FROM unnest(municipalities_ids) AS m WHERE scope_allows(region_code, m, NULL, NULL))
);
CREATE POLICY enter ON agreement FOR INSERT WITH CHECK (
  scope_covers(region_code)
  OR EXISTS (SELECT FROM unnest(organisations_ids) AS o WHERE scope_holds(region_code, o::uuid))
);
CREATE POLICY change ON agreement FOR UPDATE USING (
  scope_covers(region_code)
  OR EXISTS (SELECT FROM unnest(organisations_ids) AS o WHERE scope_holds(region_code, o::uuid))
);
CREATE POLICY remove ON agreement FOR DELETE USING (scope_covers(region_code));

-- Nobody appoints themselves.
DROP POLICY scope ON appointment;
CREATE POLICY see ON appointment FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
);
CREATE POLICY enter ON appointment FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY change ON appointment FOR UPDATE USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY remove ON appointment FOR DELETE USING (scope_covers(region_code));

-- The body applies; the region decides, on statuses of the municipality the municipality.
DROP POLICY scope ON site;
CREATE POLICY see ON site FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
);
CREATE POLICY enter ON site FOR INSERT WITH CHECK (
  scope_covers(region_code)
  OR (level = 'MUNICIPALITY' AND scope_allows(region_code, municipality_id, NULL, NULL))
  OR (state = 'APPLIED' AND scope_allows(region_code, municipality_id, organisation_id::text, NULL))
);
CREATE POLICY change ON site FOR UPDATE USING (
  scope_covers(region_code)
  OR (level = 'MUNICIPALITY' AND scope_allows(region_code, municipality_id, NULL, NULL))
  OR (state = 'APPLIED' AND scope_allows(region_code, municipality_id, organisation_id::text, NULL))
);
CREATE POLICY remove ON site FOR DELETE USING (scope_covers(region_code));

-- The body proposes; the municipality and the region decide.
DROP POLICY scope ON reserve_candidate;
CREATE POLICY see ON reserve_candidate FOR SELECT USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
);
CREATE POLICY enter ON reserve_candidate FOR INSERT WITH CHECK (
  scope_allows(region_code, municipality_id, NULL, NULL)
  OR (state = 'APPLICATION' AND scope_allows(region_code, municipality_id, organisation_id::text, NULL))
);
CREATE POLICY change ON reserve_candidate FOR UPDATE USING (
  scope_allows(region_code, municipality_id, NULL, NULL)
  OR (state = 'APPLICATION' AND scope_allows(region_code, municipality_id, organisation_id::text, NULL))
);
CREATE POLICY remove ON reserve_candidate FOR DELETE USING (scope_covers(region_code));

-- The body's organisation names its members; people and their employers read it.
DROP POLICY scope ON membership;
CREATE POLICY see ON membership FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON membership FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON membership FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON membership FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON meeting_decision;
CREATE POLICY see ON meeting_decision FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_is(region_code, owner_id)
);
CREATE POLICY enter ON meeting_decision FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON meeting_decision FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON meeting_decision FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON meeting;
CREATE POLICY see ON meeting FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON meeting FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON meeting FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON meeting FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON community_plan;
CREATE POLICY see ON community_plan FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON community_plan FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON community_plan FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON community_plan FOR DELETE USING (scope_covers(region_code));

-- Public (policy `open`); written by whose it is.
DROP POLICY scope ON community;
CREATE POLICY see ON community FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON community FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON community FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON community FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON contest;
CREATE POLICY see ON contest FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON contest FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON contest FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON contest FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON event_plan;
CREATE POLICY see ON event_plan FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON event_plan FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON event_plan FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON event_plan FOR DELETE USING (scope_covers(region_code));

-- Where it is held gives no right to it.
DROP POLICY scope ON event;
CREATE POLICY see ON event FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_allows(region_code, municipality_id, NULL, NULL)
);
CREATE POLICY enter ON event FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON event FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON event FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON grant_call;
CREATE POLICY see ON grant_call FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
);
CREATE POLICY enter ON grant_call FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON grant_call FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON grant_call FOR DELETE USING (scope_covers(region_code));

-- People and their employers register and cancel; who came, with what result, says the organiser.
DROP POLICY scope ON participation;
CREATE POLICY see ON participation FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON participation FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR ((scope_is(region_code, person_id) OR scope_employs(region_code, person_id))
      AND state = 'REGISTERED' AND role NOT IN ('JURY', 'ORGANISER', 'EXPERT') AND certificate_number = '' AND hours IS NULL)
);
CREATE POLICY change ON participation FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR ((scope_is(region_code, person_id) OR scope_employs(region_code, person_id)) AND state = 'REGISTERED')
) WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR ((scope_is(region_code, person_id) OR scope_employs(region_code, person_id))
      AND state IN ('REGISTERED', 'CANCELLED') AND role NOT IN ('JURY', 'ORGANISER', 'EXPERT') AND certificate_number = '' AND hours IS NULL)
);
CREATE POLICY remove ON participation FOR DELETE USING (scope_covers(region_code));

-- Entrants enter, amend and withdraw; the convenor admits and judges.
DROP POLICY scope ON contest_entry;
CREATE POLICY see ON contest_entry FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, entrant_organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON contest_entry FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR (state = 'SUBMITTED' AND stage_results = '[]'
      AND CASE WHEN person_id IS NULL THEN scope_holds(region_code, entrant_organisation_id)
            ELSE scope_is(region_code, person_id) OR scope_employs(region_code, person_id) END)
);
CREATE POLICY change ON contest_entry FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR (state IN ('SUBMITTED', 'ADMITTED', 'FINALIST')
      AND CASE WHEN person_id IS NULL THEN scope_holds(region_code, entrant_organisation_id)
            ELSE scope_is(region_code, person_id) OR scope_employs(region_code, person_id) END)
) WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR (state IN ('SUBMITTED', 'WITHDRAWN')
      AND CASE WHEN person_id IS NULL THEN scope_holds(region_code, entrant_organisation_id)
            ELSE scope_is(region_code, person_id) OR scope_employs(region_code, person_id) END)
);
CREATE POLICY remove ON contest_entry FOR DELETE USING (scope_covers(region_code));

-- Applicants apply and amend; who gives decides.
DROP POLICY scope ON grant_award;
CREATE POLICY see ON grant_award FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, applicant_organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR (region_code, person_id) IN (SELECT p.region_code, p.id FROM scope_known_people() AS p)
);
CREATE POLICY enter ON grant_award FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR (state = 'APPLIED' AND points IS NULL AND award_document = ''
      AND CASE WHEN person_id IS NULL THEN scope_holds(region_code, applicant_organisation_id)
            ELSE scope_is(region_code, person_id) OR scope_employs(region_code, person_id) END)
);
CREATE POLICY change ON grant_award FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR (state = 'APPLIED' AND points IS NULL AND award_document = ''
      AND CASE WHEN person_id IS NULL THEN scope_holds(region_code, applicant_organisation_id)
            ELSE scope_is(region_code, person_id) OR scope_employs(region_code, person_id) END)
);
CREATE POLICY remove ON grant_award FOR DELETE USING (scope_covers(region_code));

-- Authors write their own.
DROP POLICY scope ON practice;
CREATE POLICY see ON practice FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY enter ON practice FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY change ON practice FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY remove ON practice FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON publication;
CREATE POLICY see ON publication FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY enter ON publication FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY change ON publication FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR EXISTS (SELECT FROM unnest(authors_ids) AS author WHERE scope_allows(region_code, NULL, NULL, author))
);
CREATE POLICY remove ON publication FOR DELETE USING (scope_covers(region_code));

DROP POLICY scope ON practice_spread;
CREATE POLICY see ON practice_spread FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_is(region_code, person_id)
);
CREATE POLICY enter ON practice_spread FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON practice_spread FOR UPDATE USING (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON practice_spread FOR DELETE USING (scope_covers(region_code));

-- The register is kept by its body. Experts hold their own row (USING) when they give an opinion.
DROP POLICY scope ON expert;
CREATE POLICY see ON expert FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_is(region_code, person_id)
);
CREATE POLICY enter ON expert FOR INSERT WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY change ON expert FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR scope_is(region_code, person_id)
) WITH CHECK (scope_holds(region_code, organisation_id));
CREATE POLICY remove ON expert FOR DELETE USING (scope_covers(region_code));

-- Whoever assigned does not write the opinion: the expert does, or the region for them.
DROP POLICY scope ON expert_assignment;
CREATE POLICY see ON expert_assignment FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_is(region_code, person_id)
);
CREATE POLICY enter ON expert_assignment FOR INSERT WITH CHECK (
  scope_covers(region_code)
  OR (state = 'ASSIGNED' AND scope_holds(region_code, organisation_id))
);
CREATE POLICY change ON expert_assignment FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR scope_is(region_code, person_id)
) WITH CHECK (
  scope_covers(region_code)
  OR (state IN ('ASSIGNED', 'WITHDRAWN') AND scope_holds(region_code, organisation_id))
  OR (state IN ('REVIEWED', 'DECLINED') AND scope_is(region_code, person_id))
);
CREATE POLICY remove ON expert_assignment FOR DELETE USING (scope_covers(region_code));

-- The curator writes too.
DROP POLICY scope ON project;
CREATE POLICY see ON project FOR SELECT USING (
  (SELECT scope_is_all()) OR region_code = ANY (ARRAY(SELECT scope_regions()))
  OR (region_code, organisation_id) IN (SELECT b.region_code, b.id FROM scope_bodies() AS b)
  OR scope_is(region_code, curator_id)
);
CREATE POLICY enter ON project FOR INSERT WITH CHECK (
  scope_holds(region_code, organisation_id)
  OR scope_is(region_code, curator_id)
);
CREATE POLICY change ON project FOR UPDATE USING (
  scope_holds(region_code, organisation_id)
  OR scope_is(region_code, curator_id)
);
CREATE POLICY remove ON project FOR DELETE USING (scope_covers(region_code));

-- Projects are public once approved: what is proposed or refused stays with those who proposed it, as practices do.
ALTER POLICY open ON project USING (state NOT IN ('PROPOSED', 'REJECTED') AND scope_touches(region_code));

-- One name for one function.
ALTER POLICY scope ON system_profile USING (scope_touches(region_code));
ALTER POLICY scope ON system_subject USING (scope_touches(region_code));
ALTER POLICY scope ON function_assignment USING (scope_touches(region_code));
ALTER POLICY scope ON district USING (scope_touches(region_code));
ALTER POLICY scope ON district_member USING (scope_touches(region_code));
ALTER POLICY published ON document_template USING (state <> 'DRAFT' AND scope_touches(region_code));
ALTER POLICY published ON document USING (publication_state = 'PUBLISHED' AND scope_touches(region_code));
ALTER POLICY announced ON site_call USING (state <> 'PREPARED' AND scope_touches(region_code));
ALTER POLICY registered ON site USING (status_from_date IS NOT NULL AND scope_touches(region_code));
DROP FUNCTION region_has_scope(text);
