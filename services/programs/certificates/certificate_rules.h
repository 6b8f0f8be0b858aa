// What a certificate must be like, and what it takes from the completion it certifies. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_RULES_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/frdo.pb.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::certificate_rules {

// What a certificate is issued from.
struct Basis {
  v1::Completion completion;
  v1::Enrolment enrolment;
  v1::Programme programme;
  const v1::Certificate* predecessor = nullptr;  // null of a first document
  google::type::Date today;
};

// The latest day it is anywhere in the country (UTC+12): what is dated later lies in the future.
google::type::Date LatestDay(absl::Time now);

// Completes a new certificate from what it certifies. Refuses (the field paths are the
// certificate's): COMPLETION_NOT_VALID, CERTIFICATE_NUMBER_DIFFERS, CERTIFICATE_HOURS_DIFFER,
// CERTIFICATE_PROGRAMME_DIFFERS of a replacement's title or form, OUT_OF_RANGE of the date of
// issue. Does not sign.
absl::Status Complete(const Basis& basis, v1::Certificate* certificate);

// A step: its day lies between the issue and today, its reason holds no personal data.
absl::Status CheckStep(const v1::Certificate& before, const v1::Certificate& after,
                       const google::type::Date& today);

// The document issued next is not dated before the day of loss, exchange or revocation.
absl::Status CheckSuccession(const v1::Certificate& old, const v1::Certificate& next);

// A package is not given to the register in the future.
absl::Status CheckPackage(const v1::FrdoPackage& package, const google::type::Date& today);

}  // namespace rsnms::programs::certificate_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_RULES_H_
