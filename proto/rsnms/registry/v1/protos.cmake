list(APPEND RSNMS_PROTOS
  rsnms/registry/v1/organisation.proto
)
