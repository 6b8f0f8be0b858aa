list(APPEND RSNMS_PROTOS
  rsnms/options/v1/options.proto
  rsnms/options/v1/errors.proto
  rsnms/options/v1/import.proto
)
