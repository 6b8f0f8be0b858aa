#include "services/registry/terms/endings.h"

#include "rsnms/registry/v1/agreement.pb.h"
#include "rsnms/registry/v1/appointment.pb.h"
#include "rsnms/registry/v1/methodologist.pb.h"
#include "rsnms/registry/v1/methodologist_methods.pb.h"
#include "rsnms/registry/v1/site.pb.h"
#include "services/registry/asset/asset_store.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;
using google::type::Date;

// `set` stores the last day in the request of the step.
template <class R, class Request>
Ending Make(v1::TermKind kind, const char* rpc, const char* condition,
            Date (*last_day)(const R& resource), void (*set)(const Date& day, Request* request)) {
  return {kind,
          R::descriptor(),
          rpc,
          condition,
          [last_day](const Message& r) { return last_day(static_cast<const R&>(r)); },
          [set](const Date& day, Message* r) { set(day, static_cast<Request*>(r)); },
          nullptr};
}

Ending ContractEnd() {
  auto ending = Make<v1::Methodologist, v1::ReleaseMethodologistRequest>(
      v1::TERM_KIND_METHODOLOGIST_CONTRACT, "rsnms.registry.v1.Asset.ReleaseMethodologist",
      "state IN ('CONTRACTED', 'ACTIVE', 'SUSPENDED') AND contract_end_date < $2::date",
      [](const v1::Methodologist& m) { return m.contract_end_date(); },
      [](const Date& day, v1::ReleaseMethodologistRequest* request) {
        *request->mutable_release_date() = day;
        request->set_release_reason(v1::METHODOLOGIST_RELEASE_REASON_TERM_EXPIRED);
      });
  ending.also = [](const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                   const Message& after) {
    const auto& methodologist = static_cast<const v1::Methodologist&>(after);
    return EndAttachments(engine, tx, author, methodologist.name(), methodologist.release_date());
  };
  return ending;
}

Ending AgreementEnd() {
  return Make<v1::Agreement, v1::ExpireAgreementRequest>(
      v1::TERM_KIND_AGREEMENT, "rsnms.registry.v1.Documents.ExpireAgreement",
      "state = 'IN_FORCE' AND last_date < $2::date",
      [](const v1::Agreement& a) {
        return a.has_prolonged_until_date() ? a.prolonged_until_date() : a.end_date();
      },
      [](const Date& day, v1::ExpireAgreementRequest* request) {
        *request->mutable_ended_date() = day;
      });
}

Ending AppointmentEnd() {
  return Make<v1::Appointment, v1::ReleaseAppointmentRequest>(
      v1::TERM_KIND_APPOINTMENT, "rsnms.registry.v1.Documents.ReleaseAppointment",
      "state IN ('APPOINTED', 'ACCESS_GRANTED') AND term_end_date < $2::date",
      [](const v1::Appointment& a) { return a.term_end_date(); },
      [](const Date& day, v1::ReleaseAppointmentRequest* request) {
        *request->mutable_end_date() = day;
      });
}

Ending SiteEnd() {
  return Make<v1::Site, v1::ExpireSiteRequest>(
      v1::TERM_KIND_SITE, "rsnms.registry.v1.Sites.ExpireSite",
      "state IN ('STATUS_GRANTED', 'SUSPENDED') "
      "AND coalesce(extended_until_date, status_until_date) < $2::date",
      [](const v1::Site& s) {
        return s.has_extended_until_date() ? s.extended_until_date() : s.status_until_date();
      },
      [](const Date& day, v1::ExpireSiteRequest* request) {
        *request->mutable_ended_date() = day;
      });
}

}  // namespace

const std::vector<Ending>& Endings() {
  static const auto* endings =
      new std::vector<Ending>{ContractEnd(), AgreementEnd(), AppointmentEnd(), SiteEnd()};
  return *endings;
}

}  // namespace rsnms::registry
