list(APPEND RSNMS_PROTOS
  rsnms/monitoring/v1/errors.proto
  rsnms/monitoring/v1/fact.proto
  rsnms/monitoring/v1/indicator.proto
  rsnms/monitoring/v1/monitoring_service.proto
  rsnms/monitoring/v1/passport.proto
  rsnms/monitoring/v1/period.proto
  rsnms/monitoring/v1/profile.proto
)
