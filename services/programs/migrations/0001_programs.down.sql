DROP TABLE completion, enrolment, register_change, register_snapshot, programme, register_sync;
DROP FUNCTION completion_is_immutable();
