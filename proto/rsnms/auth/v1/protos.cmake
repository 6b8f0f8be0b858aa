list(APPEND RSNMS_PROTOS
  rsnms/auth/v1/roles.proto
)
