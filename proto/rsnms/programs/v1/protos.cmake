list(APPEND RSNMS_PROTOS
  rsnms/programs/v1/completion.proto
  rsnms/programs/v1/enrolment.proto
  rsnms/programs/v1/enrolment_risk.proto
  rsnms/programs/v1/errors.proto
  rsnms/programs/v1/group.proto
  rsnms/programs/v1/programme.proto
  rsnms/programs/v1/programs.proto
  rsnms/programs/v1/register_conflict.proto
  rsnms/programs/v1/register_entry.proto
  rsnms/programs/v1/register_notice.proto
  rsnms/programs/v1/register_policy.proto
  rsnms/programs/v1/register_service.proto
  rsnms/programs/v1/register_sync.proto
  rsnms/programs/v1/training_service.proto
)
