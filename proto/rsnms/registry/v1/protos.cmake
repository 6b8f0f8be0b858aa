list(APPEND RSNMS_PROTOS
  rsnms/registry/v1/errors.proto
  rsnms/registry/v1/region.proto
  rsnms/registry/v1/municipality.proto
  rsnms/registry/v1/organisation.proto
  rsnms/registry/v1/organisation_link.proto
  rsnms/registry/v1/person.proto
  rsnms/registry/v1/employment.proto
  rsnms/registry/v1/support_record.proto
  rsnms/registry/v1/management_team.proto
  rsnms/registry/v1/mentor_school.proto
  rsnms/registry/v1/mentoring_catalogue.proto
  rsnms/registry/v1/mentoring_service.proto
  rsnms/registry/v1/mentorship.proto
  rsnms/registry/v1/mentorship_methods.proto
  rsnms/registry/v1/registry_service.proto
)
