list(APPEND RSNMS_PROTOS
  rsnms/federal/v1/errors.proto
  rsnms/federal/v1/passport_exchange.proto
  rsnms/federal/v1/programme_register.proto
  rsnms/federal/v1/programme_submissions.proto
)
