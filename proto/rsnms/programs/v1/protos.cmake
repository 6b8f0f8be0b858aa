list(APPEND RSNMS_PROTOS
  rsnms/programs/v1/catalogue_service.proto
  rsnms/programs/v1/completion.proto
  rsnms/programs/v1/enrolment.proto
  rsnms/programs/v1/enrolment_risk.proto
  rsnms/programs/v1/errors.proto
  rsnms/programs/v1/expert_review.proto
  rsnms/programs/v1/group.proto
  rsnms/programs/v1/programme.proto
  rsnms/programs/v1/programme_version.proto
  rsnms/programs/v1/programme_version_methods.proto
  rsnms/programs/v1/programs.proto
  rsnms/programs/v1/register_sync.proto
  rsnms/programs/v1/syllabus.proto
  rsnms/programs/v1/training_rules.proto
  rsnms/programs/v1/training_service.proto
)
