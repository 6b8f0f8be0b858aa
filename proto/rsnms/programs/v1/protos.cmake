list(APPEND RSNMS_PROTOS
  rsnms/programs/v1/certificate.proto
  rsnms/programs/v1/certificates_service.proto
  rsnms/programs/v1/completion.proto
  rsnms/programs/v1/enrolment.proto
  rsnms/programs/v1/enrolment_risk.proto
  rsnms/programs/v1/errors.proto
  rsnms/programs/v1/frdo.proto
  rsnms/programs/v1/group.proto
  rsnms/programs/v1/programme.proto
  rsnms/programs/v1/programs.proto
  rsnms/programs/v1/register_sync.proto
  rsnms/programs/v1/training_service.proto
)
