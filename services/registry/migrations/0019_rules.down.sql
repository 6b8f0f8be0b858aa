DROP TRIGGER refuse_cycle ON event_plan;
DROP FUNCTION event_plan_refuse_cycle();
DROP TRIGGER refuse_cycle ON document;
DROP FUNCTION document_refuse_cycle();
DROP INDEX grant_call_once;
DROP TRIGGER refuse_entrant ON contest;
DROP FUNCTION contest_refuse_entrant();
DROP TRIGGER refuse_jury ON contest_entry;
DROP FUNCTION contest_entry_refuse_jury();
ALTER TABLE asset_regulation
  DROP COLUMN training_months, DROP COLUMN diagnostics_months, DROP COLUMN diagnostics_families;
ALTER TABLE mentorship DROP COLUMN mentors_without_consent_count;
ALTER TABLE grant_award DROP COLUMN applied_date;
ALTER TABLE contest_entry DROP COLUMN applied_date;
