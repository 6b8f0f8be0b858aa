#include <cstdio>

#include "absl/strings/str_cat.h"
#include "rsnms/monitoring/v1/fact.pb.h"
#include "rsnms/monitoring/v1/period.pb.h"
#include "rsnms/monitoring/v1/profile.pb.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

namespace v1 = monitoring::v1;
using v1::IndicatorValue;
using v1::Passport;

constexpr char kService[] = "rsnms.monitoring.v1.Monitoring/";

std::string Method(const char* name) { return absl::StrCat(kService, name); }
std::string Parent(const std::string& region) { return absl::StrCat("regions/", region); }

// The profile and the year's period exist; both calls repeat harmlessly.
absl::Status Prepare(Session& session, const std::string& region, const std::string& profile,
                     int year) {
  monitoring::v1::InstallProfileRequest install;
  install.set_parent(Parent(region));
  install.set_profile_code(profile);
  install.set_request_id(NewRequestId());
  monitoring::v1::Profile installed;
  if (auto s = session.Call(Method("InstallProfile"), install, &installed); !s.ok()) return s;
  monitoring::v1::OpenPeriodRequest open;
  open.set_parent(Parent(region));
  open.set_period_year(year);
  open.set_request_id(NewRequestId());
  monitoring::v1::Period period;
  return session.Call(Method("OpenPeriod"), open, &period);
}

std::string ProfileName(const std::string& region, const std::string& code) {
  return absl::StrCat("regions/", region, "/profiles/", code);
}

std::string Shown(const IndicatorValue& value) {
  if (value.state() != monitoring::v1::VALUE_STATE_PRESENT) return value.reason();
  return absl::StrCat(value.value().value(),
                      value.unit() == monitoring::v1::UNIT_PERCENT ? " %" : "");
}

// One step of the passport's life.
template <class Request>
absl::Status Step(Session& session, const char* method, Passport& passport) {
  Request request;
  request.set_name(passport.name());
  request.set_etag(passport.etag());
  request.set_request_id(NewRequestId());
  return session.Call(Method(method), request, &passport);
}

// The year's latest passport as far as it still holds: one under way, or accepted and true to the
// present data. Else a new one; a draft and a returned one are counted anew.
absl::Status FindOrAssemble(Session& session, const std::string& region, const std::string& profile,
                            int year, Passport* passport) {
  v1::ListPassportsRequest list;
  list.set_parent(Parent(region));
  list.set_filter(
      absl::StrCat("profile = \"", ProfileName(region, profile), "\" AND period_year = ", year));
  list.set_page_size(1000);
  v1::ListPassportsResponse found;
  if (auto s = session.Call(Method("ListPassports"), list, &found); !s.ok()) return s;
  if (found.passports_size() > 0) {
    *passport = found.passports(found.passports_size() - 1);  // names grow with time
    switch (passport->state()) {
      case Passport::STATE_RETURNED:
        return Step<v1::RevisePassportRequest>(session, "RevisePassport", *passport);
      case Passport::STATE_DRAFT:
        return Step<v1::ReassemblePassportRequest>(session, "ReassemblePassport", *passport);
      case Passport::STATE_SUBMITTED:
        return Step<v1::RefreshPassportReceiptRequest>(session, "RefreshPassportReceipt",
                                                       *passport);
      case Passport::STATE_ACCEPTED: {
        v1::DiffPassportsRequest diff;
        diff.set_name(passport->name());
        v1::DiffPassportsResponse differences;
        if (auto s = session.Call(Method("DiffPassports"), diff, &differences); !s.ok()) return s;
        if (!differences.drifted()) return absl::OkStatus();
        break;
      }
      default:
        return absl::OkStatus();
    }
  }
  v1::AssemblePassportRequest assemble;
  assemble.set_parent(Parent(region));
  assemble.set_profile(ProfileName(region, profile));
  assemble.set_period_year(year);
  assemble.set_request_id(NewRequestId());
  return session.Call(Method("AssemblePassport"), assemble, passport);
}

std::string StateName(const Passport& passport) {
  switch (passport.state()) {
    case Passport::STATE_DRAFT:
      return "черновик";
    case Passport::STATE_ON_APPROVAL:
      return "на утверждении";
    case Passport::STATE_APPROVED:
      return "утверждён";
    case Passport::STATE_SUBMITTED:
      return "направлен федеральному оператору";
    case Passport::STATE_ACCEPTED:
      return "принят федеральным оператором";
    case Passport::STATE_RETURNED:
      return "возвращён с замечаниями";
    default:
      return "неизвестно";
  }
}

}  // namespace

absl::Status CatchUp(Session& session) {
  monitoring::v1::AwaitCatchUpRequest request;
  request.set_timeout_millis(
      static_cast<int>(absl::ToInt64Milliseconds(session.deadline() - absl::Now())));
  monitoring::v1::FeedWatermarks watermarks;
  return session.Call(Method("AwaitCatchUp"), request, &watermarks);
}

absl::StatusOr<std::vector<IndicatorValue>> Indicators(Session& session, const std::string& region,
                                                       const std::string& profile, int year) {
  if (auto s = Prepare(session, region, profile, year); !s.ok()) return s;
  monitoring::v1::ComputeIndicatorsRequest request;
  request.set_parent(Parent(region));
  request.set_profile(ProfileName(region, profile));
  request.set_period_year(year);
  monitoring::v1::ComputeIndicatorsResponse response;
  if (auto s = session.Call(Method("ComputeIndicators"), request, &response); !s.ok()) return s;
  return std::vector<IndicatorValue>(response.values().begin(), response.values().end());
}

void PrintIndicators(Session& session, const std::vector<IndicatorValue>& values) {
  if (session.json()) {
    for (const auto& value : values) std::puts(ToJson(value).c_str());
    return;
  }
  Table table({"пункт", "числитель", "знаменатель", "значение", "показатель"});
  for (const auto& value : values) {
    std::string title = value.title();
    size_t end = 0;
    for (size_t points = 0; end < title.size() && points < 80; ++end) {
      points += (static_cast<unsigned char>(title[end]) & 0xC0) != 0x80;
    }
    while (end < title.size() && (static_cast<unsigned char>(title[end]) & 0xC0) == 0x80) ++end;
    if (end < title.size()) title = title.substr(0, end) + "…";
    table.Add({value.clause(), absl::StrCat(value.numerator()), absl::StrCat(value.denominator()),
               Shown(value), title});
  }
  table.Print();
}

absl::StatusOr<Passport> ExchangePassport(Session& session, const std::string& region,
                                          const std::string& profile, int year) {
  Passport passport;
  auto status = FindOrAssemble(session, region, profile, year, &passport);
  // Wherever an interrupted exchange stopped, it goes on from there.
  while (status.ok()) {
    switch (passport.state()) {
      case Passport::STATE_DRAFT:
        status =
            Step<v1::RequestPassportApprovalRequest>(session, "RequestPassportApproval", passport);
        break;
      case Passport::STATE_ON_APPROVAL:
        status = Step<v1::ApprovePassportRequest>(session, "ApprovePassport", passport);
        break;
      case Passport::STATE_APPROVED:
        status = Step<v1::SubmitPassportRequest>(session, "SubmitPassport", passport);
        break;
      default:  // with the operator, accepted, or returned to people with remarks
        return passport;
    }
  }
  return status;
}

void PrintPassport(Session& session, const Passport& passport) {
  if (session.json()) {
    std::puts(ToJson(passport).c_str());
    return;
  }
  std::printf("Паспорт %s: %s\n", passport.name().c_str(), StateName(passport).c_str());
  std::printf("  хеш SHA-256 %s\n", passport.sha256().c_str());
  if (passport.has_receipt()) {
    std::printf("  квитанция федерального оператора %s\n",
                passport.receipt().receipt_number().c_str());
  }
  for (const auto& block : passport.blocks()) {
    int filled = 0;
    for (const auto& field : block.fields()) filled += field.no_data_reason().empty();
    std::printf("  %d. %s: заполнено %d из %d\n", block.kind(), block.title().c_str(), filled,
                block.fields_size());
    for (const auto& field : block.fields()) {
      if (!field.remark().empty())
        std::printf("     замечание к «%s»: %s\n", field.title().c_str(), field.remark().c_str());
    }
  }
}

}  // namespace rsnms::ctl
