list(APPEND RSNMS_PROTOS
  rsnms/diagnostics/v1/campaign.proto
  rsnms/diagnostics/v1/campaign_methods.proto
  rsnms/diagnostics/v1/competency.proto
  rsnms/diagnostics/v1/competency_methods.proto
  rsnms/diagnostics/v1/diagnostics_service.proto
  rsnms/diagnostics/v1/errors.proto
  rsnms/diagnostics/v1/instrument.proto
  rsnms/diagnostics/v1/instrument_methods.proto
  rsnms/diagnostics/v1/result.proto
  rsnms/diagnostics/v1/result_methods.proto
  rsnms/diagnostics/v1/route.proto
  rsnms/diagnostics/v1/route_methods.proto
  rsnms/diagnostics/v1/session.proto
  rsnms/diagnostics/v1/session_methods.proto
)
