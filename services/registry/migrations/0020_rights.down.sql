CREATE FUNCTION region_has_scope(region text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('rsnms.scopes', true)
    WHEN '*' THEN true
    ELSE EXISTS (
      SELECT FROM unnest(string_to_array(current_setting('rsnms.scopes', true), ',')) AS scope
      WHERE scope = 'regions/' || region OR starts_with(scope, 'regions/' || region || '/'))
  END
$$;
ALTER POLICY scope ON system_profile USING (region_has_scope(region_code));
ALTER POLICY scope ON system_subject USING (region_has_scope(region_code));
ALTER POLICY scope ON function_assignment USING (region_has_scope(region_code));
ALTER POLICY scope ON district USING (region_has_scope(region_code));
ALTER POLICY scope ON district_member USING (region_has_scope(region_code));
ALTER POLICY published ON document_template USING (state <> 'DRAFT' AND region_has_scope(region_code));
ALTER POLICY published ON document USING (publication_state = 'PUBLISHED' AND region_has_scope(region_code));
ALTER POLICY announced ON site_call USING (state <> 'PREPARED' AND region_has_scope(region_code));
ALTER POLICY registered ON site USING (status_from_date IS NOT NULL AND region_has_scope(region_code));
DROP POLICY see ON employment;
DROP POLICY enter ON employment;
DROP POLICY change ON employment;
DROP POLICY remove ON employment;
CREATE POLICY scope ON employment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
DROP POLICY see ON person;
DROP POLICY enter ON person;
DROP POLICY change ON person;
DROP POLICY remove ON person;
CREATE POLICY scope ON person USING (
  scope_allows(region_code, NULL, NULL, id::text)
  OR scope_allows(region_code, NULL, NULL, merged_into_id::text)
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.id AND e.delete_time IS NULL
  )
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.merged_into_id AND e.delete_time IS NULL
  )
);
DROP POLICY see ON consent;
DROP POLICY enter ON consent;
DROP POLICY change ON consent;
DROP POLICY remove ON consent;
CREATE POLICY scope ON consent USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = consent.region_code AND p.id = consent.person_id
  )
);
DROP POLICY see ON self_education_theme;
DROP POLICY enter ON self_education_theme;
DROP POLICY change ON self_education_theme;
DROP POLICY remove ON self_education_theme;
CREATE POLICY scope ON self_education_theme USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = self_education_theme.region_code AND p.id = self_education_theme.person_id
  )
);
DROP POLICY see ON career_evidence;
DROP POLICY enter ON career_evidence;
DROP POLICY change ON career_evidence;
DROP POLICY remove ON career_evidence;
CREATE POLICY scope ON career_evidence USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = career_evidence.region_code AND p.id = career_evidence.person_id
  )
);
DROP POLICY see ON qualification;
DROP POLICY enter ON qualification;
DROP POLICY change ON qualification;
DROP POLICY remove ON qualification;
CREATE POLICY scope ON qualification USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = qualification.region_code AND p.id = qualification.person_id
  )
);
DROP POLICY see ON corporate_training;
DROP POLICY enter ON corporate_training;
DROP POLICY change ON corporate_training;
DROP POLICY remove ON corporate_training;
CREATE POLICY scope ON corporate_training USING (
  scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM person p WHERE p.region_code = corporate_training.region_code AND p.id = corporate_training.person_id
  )
);
DROP POLICY see ON support_record;
DROP POLICY enter ON support_record;
DROP POLICY change ON support_record;
DROP POLICY remove ON support_record;
CREATE POLICY scope ON support_record USING (
  scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM person p
    WHERE p.region_code = support_record.region_code AND p.id = support_record.person_id
  )
);
DROP POLICY see ON mentorship_participant;
DROP POLICY enter ON mentorship_participant;
DROP POLICY change ON mentorship_participant;
DROP POLICY remove ON mentorship_participant;
CREATE POLICY scope ON mentorship_participant USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p
    WHERE p.region_code = mentorship_participant.region_code AND p.id = mentorship_participant.person_id
  )
);
DROP POLICY see ON mentorship;
DROP POLICY enter ON mentorship;
DROP POLICY change ON mentorship;
DROP POLICY remove ON mentorship;
CREATE POLICY scope ON mentorship USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM mentorship_participant p
    WHERE p.region_code = mentorship.region_code AND p.mentorship_id = mentorship.id
  )
);
DROP POLICY see ON district_resource;
DROP POLICY enter ON district_resource;
DROP POLICY change ON district_resource;
DROP POLICY remove ON district_resource;
CREATE POLICY scope ON district_resource USING (region_has_scope(region_code)) WITH CHECK (
  scope_allows(region_code, NULL, owner_id::text, NULL)
  OR EXISTS (
    SELECT FROM organisation o
    WHERE o.region_code = district_resource.region_code AND o.id = district_resource.owner_id
  )
);
DROP POLICY see ON organisation_change;
DROP POLICY enter ON organisation_change;
DROP POLICY change ON organisation_change;
DROP POLICY remove ON organisation_change;
CREATE POLICY scope ON organisation_change USING (
  scope_allows(region_code, NULL, NULL, NULL)
  OR EXISTS (
    SELECT FROM unnest(sources || targets) AS body
      JOIN organisation o ON o.region_code = organisation_change.region_code
       AND o.id = split_part(body, '/', 4)::uuid
  )
);
DROP POLICY see ON attachment;
DROP POLICY enter ON attachment;
DROP POLICY change ON attachment;
DROP POLICY remove ON attachment;
CREATE POLICY scope ON attachment USING (
  scope_allows(region_code, municipality_id, organisation_id::text, educator_id::text)
  OR scope_allows(region_code, NULL, NULL, methodologist_person_id::text)
);
DROP POLICY see ON methodologist;
DROP POLICY enter ON methodologist;
DROP POLICY change ON methodologist;
DROP POLICY remove ON methodologist;
CREATE POLICY scope ON methodologist USING (
  scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
  OR EXISTS (
    SELECT FROM attachment a
    WHERE a.region_code = methodologist.region_code AND a.methodologist_id = methodologist.id
      AND a.delete_time IS NULL
  )
);
DROP POLICY see ON mms_staff_member;
DROP POLICY enter ON mms_staff_member;
DROP POLICY change ON mms_staff_member;
DROP POLICY remove ON mms_staff_member;
CREATE POLICY scope ON mms_staff_member
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
DROP POLICY see ON mms_training;
DROP POLICY enter ON mms_training;
DROP POLICY change ON mms_training;
DROP POLICY remove ON mms_training;
CREATE POLICY scope ON mms_training
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
DROP POLICY see ON agreement;
DROP POLICY enter ON agreement;
DROP POLICY change ON agreement;
DROP POLICY remove ON agreement;
CREATE POLICY scope ON agreement USING (
  scope_allows(region_code, NULL, NULL, NULL)
  OR EXISTS (SELECT FROM unnest(organisations_ids) AS o WHERE scope_allows(region_code, NULL, o, NULL))
  OR EXISTS (SELECT FROM unnest(municipalities_ids) AS m WHERE scope_allows(region_code, m, NULL, NULL))
);
DROP POLICY see ON appointment;
DROP POLICY enter ON appointment;
DROP POLICY change ON appointment;
DROP POLICY remove ON appointment;
CREATE POLICY scope ON appointment
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
DROP POLICY see ON site;
DROP POLICY enter ON site;
DROP POLICY change ON site;
DROP POLICY remove ON site;
CREATE POLICY scope ON site USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
DROP POLICY see ON reserve_candidate;
DROP POLICY enter ON reserve_candidate;
DROP POLICY change ON reserve_candidate;
DROP POLICY remove ON reserve_candidate;
CREATE POLICY scope ON reserve_candidate
  USING (scope_allows(region_code, municipality_id, organisation_id::text, person_id::text));
DROP POLICY see ON membership;
DROP POLICY enter ON membership;
DROP POLICY change ON membership;
DROP POLICY remove ON membership;
CREATE POLICY scope ON membership USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = membership.region_code AND o.id = membership.organisation_id)
  OR EXISTS (SELECT FROM person p WHERE p.region_code = membership.region_code AND p.id = membership.person_id));
DROP POLICY see ON meeting_decision;
DROP POLICY enter ON meeting_decision;
DROP POLICY change ON meeting_decision;
DROP POLICY remove ON meeting_decision;
CREATE POLICY scope ON meeting_decision USING (scope_allows(region_code, NULL, organisation_id::text, owner_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = meeting_decision.region_code AND o.id = meeting_decision.organisation_id));
DROP POLICY see ON meeting;
DROP POLICY enter ON meeting;
DROP POLICY change ON meeting;
DROP POLICY remove ON meeting;
CREATE POLICY scope ON meeting USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = meeting.region_code AND o.id = meeting.organisation_id));
DROP POLICY see ON community_plan;
DROP POLICY enter ON community_plan;
DROP POLICY change ON community_plan;
DROP POLICY remove ON community_plan;
CREATE POLICY scope ON community_plan USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = community_plan.region_code AND o.id = community_plan.organisation_id));
DROP POLICY see ON community;
DROP POLICY enter ON community;
DROP POLICY change ON community;
DROP POLICY remove ON community;
CREATE POLICY scope ON community USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = community.region_code AND o.id = community.organisation_id));
DROP POLICY see ON contest;
DROP POLICY enter ON contest;
DROP POLICY change ON contest;
DROP POLICY remove ON contest;
CREATE POLICY scope ON contest USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = contest.region_code AND o.id = contest.organisation_id));
DROP POLICY see ON event_plan;
DROP POLICY enter ON event_plan;
DROP POLICY change ON event_plan;
DROP POLICY remove ON event_plan;
CREATE POLICY scope ON event_plan USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = event_plan.region_code AND o.id = event_plan.organisation_id));
DROP POLICY see ON event;
DROP POLICY enter ON event;
DROP POLICY change ON event;
DROP POLICY remove ON event;
CREATE POLICY scope ON event USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = event.region_code AND o.id = event.organisation_id));
DROP POLICY see ON grant_call;
DROP POLICY enter ON grant_call;
DROP POLICY change ON grant_call;
DROP POLICY remove ON grant_call;
CREATE POLICY scope ON grant_call USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = grant_call.region_code AND o.id = grant_call.organisation_id));
DROP POLICY see ON participation;
DROP POLICY enter ON participation;
DROP POLICY change ON participation;
DROP POLICY remove ON participation;
CREATE POLICY scope ON participation USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = participation.region_code AND o.id = participation.organisation_id)
  OR EXISTS (SELECT FROM person p WHERE p.region_code = participation.region_code AND p.id = participation.person_id));
DROP POLICY see ON contest_entry;
DROP POLICY enter ON contest_entry;
DROP POLICY change ON contest_entry;
DROP POLICY remove ON contest_entry;
CREATE POLICY scope ON contest_entry USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = contest_entry.region_code AND o.id IN (contest_entry.organisation_id, contest_entry.entrant_organisation_id))
  OR EXISTS (SELECT FROM person p WHERE p.region_code = contest_entry.region_code AND p.id = contest_entry.person_id));
DROP POLICY see ON grant_award;
DROP POLICY enter ON grant_award;
DROP POLICY change ON grant_award;
DROP POLICY remove ON grant_award;
CREATE POLICY scope ON grant_award USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = grant_award.region_code AND o.id IN (grant_award.organisation_id, grant_award.applicant_organisation_id)));
DROP POLICY see ON practice;
DROP POLICY enter ON practice;
DROP POLICY change ON practice;
DROP POLICY remove ON practice;
CREATE POLICY scope ON practice USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = practice.region_code AND o.id = practice.organisation_id)
  OR EXISTS (SELECT FROM unnest(practice.authors_ids) AS author WHERE scope_allows(practice.region_code, NULL, NULL, author)));
DROP POLICY see ON publication;
DROP POLICY enter ON publication;
DROP POLICY change ON publication;
DROP POLICY remove ON publication;
CREATE POLICY scope ON publication USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = publication.region_code AND o.id = publication.organisation_id)
  OR EXISTS (SELECT FROM unnest(publication.authors_ids) AS author WHERE scope_allows(publication.region_code, NULL, NULL, author)));
DROP POLICY see ON practice_spread;
DROP POLICY enter ON practice_spread;
DROP POLICY change ON practice_spread;
DROP POLICY remove ON practice_spread;
CREATE POLICY scope ON practice_spread USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = practice_spread.region_code AND o.id = practice_spread.organisation_id));
DROP POLICY see ON expert;
DROP POLICY enter ON expert;
DROP POLICY change ON expert;
DROP POLICY remove ON expert;
CREATE POLICY scope ON expert USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = expert.region_code AND o.id = expert.organisation_id));
DROP POLICY see ON expert_assignment;
DROP POLICY enter ON expert_assignment;
DROP POLICY change ON expert_assignment;
DROP POLICY remove ON expert_assignment;
CREATE POLICY scope ON expert_assignment USING (scope_allows(region_code, NULL, organisation_id::text, person_id::text)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = expert_assignment.region_code AND o.id = expert_assignment.organisation_id));
DROP POLICY see ON project;
DROP POLICY enter ON project;
DROP POLICY change ON project;
DROP POLICY remove ON project;
CREATE POLICY scope ON project USING (scope_allows(region_code, NULL, organisation_id::text, NULL)
  OR EXISTS (SELECT FROM organisation o WHERE o.region_code = project.region_code AND o.id = project.organisation_id)
  OR scope_allows(region_code, NULL, NULL, curator_id::text));
ALTER POLICY open ON project USING (scope_touches(region_code));
DROP FUNCTION scope_is(text, uuid);
DROP FUNCTION scope_employs(text, uuid);
DROP FUNCTION scope_holds(text, uuid);
DROP FUNCTION scope_known_people();
DROP FUNCTION scope_people(date);
DROP FUNCTION scope_bodies();
DROP FUNCTION scope_regions();
DROP FUNCTION scope_is_all();
DROP FUNCTION scope_parts();
DROP FUNCTION scope_covers(text);
