list(APPEND RSNMS_PROTOS
  rsnms/feed/v1/feed.proto
)
