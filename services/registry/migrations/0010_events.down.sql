DROP TABLE contest_entry;
DROP TABLE participation;
DROP TABLE event;
DROP TABLE event_plan;
DROP TABLE contest;
DROP FUNCTION participation_refuse_overflow();
DROP FUNCTION event_refuse_overflow();
DROP FUNCTION contest_hold(text, uuid);
DROP FUNCTION event_places(text, uuid, uuid);
