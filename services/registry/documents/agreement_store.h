// SQL over all agreements of a region: coverage of municipalities, terms that run out.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_STORE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/agreement_watch.pb.h"

namespace rsnms::registry::documents {

// Every living municipality of the region the caller sees stands in one of the lists.
absl::Status ReadCoverage(pg::Tx& tx, const v1::GetAgreementCoverageRequest& request,
                          v1::AgreementCoverage* coverage);

absl::Status ReadExpiring(pg::Tx& tx, const v1::ListExpiringAgreementsRequest& request,
                          v1::ListExpiringAgreementsResponse* response);

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_STORE_H_
