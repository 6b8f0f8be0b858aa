list(APPEND RSNMS_PROTOS
  rsnms/feed/v1/feed.proto
  rsnms/feed/v1/revision.proto
)
