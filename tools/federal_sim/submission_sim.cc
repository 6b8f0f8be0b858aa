#include "tools/federal_sim/submission_sim.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/errors.pb.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::ProgrammeApplication;
using federal::v1::ProgrammeSubmission;
using federal::v1::SubmitProgrammeRequest;
using options::v1::COMMON_REASON_INVALID_REQUEST;

constexpr char kType[] = "federal.rsnms/ProgrammeSubmission";
constexpr size_t kGreatestContent = 3 << 20, kGreatestBytes = 256 << 20, kGreatestCount = 10000;

std::string Sha256Hex(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

std::string RegionOf(const std::string& name) {
  if (name.rfind("regions/", 0) != 0) return "";
  return name.substr(8, name.find('/', 8) - 8);
}

// A region's matter is shown to those whose scope covers the region.
absl::Status CheckScope(const rpc::Call& call, const std::string& name) {
  const std::string region = RegionOf(name);
  if (!region.empty() && call.identity().CoversRegion(region)) return absl::OkStatus();
  return rpc::NotFound(kType, name);
}

absl::Status Away(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    why);
}

absl::Status Overloaded(std::string_view why, absl::Duration delay) {
  return rpc::Error(absl::StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                    why)
      .RetryAfter(delay);
}

absl::Status NotReceived(std::string_view field, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument,
                    federal::v1::FEDERAL_REASON_APPLICATION_INVALID, "not received")
      .Field(field, text);
}

// The envelope, before the content is read.
absl::Status CheckRequest(const SubmitProgrammeRequest& request) {
  if (!resource::IsUuid(request.request_id())) {
    return rpc::InvalidField("request_id", COMMON_REASON_INVALID_REQUEST, "must be a UUID");
  }
  if (request.content().empty() || request.content().size() > kGreatestContent) {
    return rpc::InvalidField("content", COMMON_REASON_INVALID_REQUEST, "must hold 1 byte to 3 MiB");
  }
  if (request.format_version() != "rsnms-programme/1") {
    return rpc::Error(absl::StatusCode::kInvalidArgument,
                      federal::v1::FEDERAL_REASON_FORMAT_NOT_SUPPORTED, "unknown format_version");
  }
  if (Sha256Hex(request.content()) != request.sha256()) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, federal::v1::FEDERAL_REASON_HASH_MISMATCH,
                      "sha256 is not that of the content");
  }
  return absl::OkStatus();
}

// What no register takes.
absl::Status CheckApplication(const ProgrammeApplication& application) {
  if (application.title().empty()) return NotReceived("title", "не указано название");
  if (application.kind() == federal::v1::PROGRAMME_KIND_UNSPECIFIED) {
    return NotReceived("kind", "не указан вид программы");
  }
  if (application.provider().title().empty()) {
    return NotReceived("provider.title", "не указана организация");
  }
  if (application.duration_hours() <= 0) return NotReceived("duration_hours", "не указан объём");
  return absl::OkStatus();
}

// The entry an accepted application becomes.
federal::v1::Programme EntryOf(const ProgrammeApplication& application, const std::string& number) {
  federal::v1::Programme entry;
  entry.set_name(absl::StrCat("programmes/", number));
  entry.set_register_number(number);
  entry.set_title(application.title());
  entry.set_kind(application.kind());
  *entry.mutable_provider() = application.provider();
  entry.set_duration_hours(application.duration_hours());
  entry.set_internship_hours(application.internship_hours());
  entry.set_form(application.form());
  entry.set_distance(application.distance());
  entry.set_network(application.network());
  *entry.mutable_competencies() = application.competencies();
  *entry.mutable_topic_codes() = application.topic_codes();
  entry.set_for_pedagogues(application.for_pedagogues());
  entry.set_for_managers(application.for_managers());
  entry.set_annotation(application.annotation());
  return entry;
}

google::type::Date Today() {
  const auto day = absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(3 * 60 * 60));
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

bool Every(int n, int64_t calls) { return n > 0 && calls % n == 0; }

// Where the number after a word goes; null when the word takes none or is unknown.
int* NumberOf(std::string_view verb, DeskMisbehaviour& misbehaviour) {
  if (verb == "unavailable") return &misbehaviour.unavailable_every;
  if (verb == "exhausted") return &misbehaviour.exhausted_every;
  if (verb == "internal") return &misbehaviour.internal_every;
  if (verb == "lose") return &misbehaviour.lose_every;
  if (verb == "hang") return &misbehaviour.hang_every;
  if (verb == "twice") return &misbehaviour.twice_every;
  if (verb == "stranger") return &misbehaviour.stranger_every;
  if (verb == "broken") return &misbehaviour.broken_every;
  if (verb == "late") return &misbehaviour.late;
  if (verb == "forget") return &misbehaviour.forget_every;
  if (verb == "unsteady") return &misbehaviour.unsteady_percent;
  return nullptr;
}

}  // namespace

absl::StatusOr<DeskMisbehaviour> ParseDeskMisbehaviour(std::string_view text) {
  DeskMisbehaviour misbehaviour;
  const std::vector<std::string> words =
      absl::StrSplit(std::string(text), ',', absl::SkipWhitespace());
  for (const std::string& word : words) {
    const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits(':', 1));
    int number = 1;
    if (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &number)) {
      return absl::InvalidArgumentError(absl::StrCat(word, ": a whole number must follow"));
    }
    if (parts[0] == "seed") {
      misbehaviour.seed = number;
    } else if (int* counted = NumberOf(parts[0], misbehaviour)) {
      *counted = number;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(word, ": no such misbehaviour"));
    }
  }
  return misbehaviour;
}

void SubmissionSim::Serve(rpc::Server& server) {
  server.Serve(
      ProgrammeSubmission::descriptor()->file()->FindServiceByName("ProgrammeSubmissions"));
  const std::string service = "rsnms.federal.v1.ProgrammeSubmissions/";
  server.Unary(service + "SubmitProgramme", this, &SubmissionSim::Submit);
  server.Unary(service + "GetProgrammeSubmission", this, &SubmissionSim::Get);
}

void SubmissionSim::Set(const DeskMisbehaviour& misbehaviour) {
  absl::MutexLock lock(&mutex_);
  misbehaviour_ = misbehaviour;
  random_.seed(misbehaviour.seed);
}

void SubmissionSim::DecideBy(std::function<Decision(const ProgrammeApplication&)> decide) {
  absl::MutexLock lock(&mutex_);
  decide_ = std::move(decide);
}

void SubmissionSim::SetQuestions(int questions) {
  absl::MutexLock lock(&mutex_);
  questions_ = questions;
}

void SubmissionSim::Lose(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (auto it = held_.find(name); it != held_.end()) {
    bytes_ -= it->second.content.size();
    held_.erase(it);
  }
}

std::vector<SubmissionSim::Held> SubmissionSim::Truth() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Held> truth;
  for (const auto& [name, held] : held_) truth.push_back(held);
  return truth;
}

int64_t SubmissionSim::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

SubmissionSim::Mishap SubmissionSim::Draw() {
  absl::MutexLock lock(&mutex_);
  const DeskMisbehaviour& m = misbehaviour_;
  ++calls_;
  if (static_cast<int>(random_() % 100) < m.unsteady_percent) {
    return static_cast<Mishap>(1 + random_() % static_cast<int>(Mishap::kForget));
  }
  if (Every(m.unavailable_every, calls_)) return Mishap::kUnavailable;
  if (Every(m.exhausted_every, calls_)) return Mishap::kExhausted;
  if (Every(m.internal_every, calls_)) return Mishap::kInternal;
  if (Every(m.lose_every, calls_)) return Mishap::kLost;
  if (Every(m.hang_every, calls_)) return Mishap::kHang;
  if (Every(m.twice_every, calls_)) return Mishap::kTwice;
  if (Every(m.stranger_every, calls_)) return Mishap::kStranger;
  if (Every(m.broken_every, calls_)) return Mishap::kBroken;
  return m.forget_all || Every(m.forget_every, calls_) ? Mishap::kForget : Mishap::kNone;
}

absl::Status SubmissionSim::Spoil(rpc::Call& call, Mishap mishap, ProgrammeSubmission* response) {
  absl::Duration hang;
  {
    absl::MutexLock lock(&mutex_);
    hang = misbehaviour_.hang;
    if (mishap == Mishap::kStranger) {
      response->set_name(absl::StrCat("regions/", RegionOf(response->name()),
                                      "/programmeSubmissions/", resource::NewUuid()));
    }
    if (mishap == Mishap::kBroken) Break(response);
  }
  if (mishap == Mishap::kLost) return Away("the answer was lost");
  if (mishap == Mishap::kInternal) return absl::InternalError("the register broke down");
  if (mishap == Mishap::kHang) {
    const absl::Time until = absl::Now() + hang;
    while (absl::Now() < until && !call.cancelled()) absl::SleepFor(absl::Milliseconds(2));
  }
  return absl::OkStatus();
}

void SubmissionSim::Break(ProgrammeSubmission* response) {
  auto* unknown = response->GetReflection()->MutableUnknownFields(response);
  switch (broken_++ % 9) {
    case 0:
      return response->set_state(static_cast<federal::v1::SubmissionState>(99));
    case 1:
      return response->clear_receipt_number();
    case 2:
      return response->set_sha256(std::string(64, '0'));
    case 3:
      return response->set_receipt_number(std::string("ЗП\0-1", 7));
    case 4:  // decided, and nothing said of it
      response->set_state(federal::v1::SUBMISSION_STATE_ACCEPTED);
      response->clear_register_number();
      return;
    case 5:
      response->set_state(federal::v1::SUBMISSION_STATE_DECLINED);
      response->mutable_decision_date()->set_year(2026);
      response->mutable_decision_date()->set_month(2);
      return response->mutable_decision_date()->set_day(31);
    case 6:
      response->clear_sha256();
      unknown->AddVarint(ProgrammeSubmission::kSha256FieldNumber, 36);
      return;
    case 7:
      return response->set_programme_version("regions/77/programmeVersions/another");
    default:
      return response->Clear();
  }
}

absl::Status SubmissionSim::Submit(rpc::Call& call, const SubmitProgrammeRequest& request,
                                   ProgrammeSubmission* response) {
  if (auto status = CheckScope(call, request.parent()); !status.ok()) return status;
  const Mishap mishap = Draw();
  if (mishap == Mishap::kUnavailable) return Away("the register is away");
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    if (mishap == Mishap::kExhausted) {
      return Overloaded("too many requests", misbehaviour_.retry_delay);
    }
    status = Receive(request, response);
    if (status.ok() && mishap == Mishap::kTwice) status = Receive(request, response);
  }
  return status.ok() ? Spoil(call, mishap, response) : status;
}

absl::Status SubmissionSim::Receive(const SubmitProgrammeRequest& request,
                                    ProgrammeSubmission* response) {
  if (auto status = CheckRequest(request); !status.ok()) return status;
  const std::string name =
      absl::StrCat(request.parent(), "/programmeSubmissions/", request.request_id());
  if (auto it = held_.find(name); it != held_.end()) {
    if (it->second.content != request.content()) {
      return rpc::Error(absl::StatusCode::kAlreadyExists,
                        federal::v1::FEDERAL_REASON_SUBMISSION_DIFFERS,
                        "the id has another content");
    }
    ++it->second.deliveries;
    *response = it->second.submission;
    return absl::OkStatus();
  }
  ProgrammeApplication application;
  if (!application.ParseFromString(request.content())) {
    return NotReceived("content", "заявка не читается");
  }
  if (auto status = CheckApplication(application); !status.ok()) return status;
  Decision decision = decide_ ? decide_(application) : Decision();
  if (!decision.refused_field.empty()) {
    return NotReceived(decision.refused_field, "не принимается в этом виде");
  }
  if (held_.size() >= kGreatestCount || bytes_ + request.content().size() > kGreatestBytes) {
    return Overloaded("the desk is full", absl::Minutes(10));
  }
  Held& held = held_[name];
  held.content = request.content();
  bytes_ += held.content.size();
  held.deliveries = 1;
  held.decision = std::move(decision);
  held.submission.set_name(name);
  held.submission.set_receipt_number(absl::StrFormat("ЗП-%s-%06d", RegionOf(name), ++received_));
  held.submission.set_sha256(Sha256Hex(held.content));
  held.submission.set_programme_version(application.programme_version());
  held.submission.set_state(federal::v1::SUBMISSION_STATE_RECEIVED);
  held.submission.mutable_receive_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  if (questions_ == 0) Decide(held);
  *response = held.submission;
  return absl::OkStatus();
}

absl::Status SubmissionSim::Get(rpc::Call& call,
                                const federal::v1::GetProgrammeSubmissionRequest& request,
                                ProgrammeSubmission* response) {
  if (auto status = CheckScope(call, request.name()); !status.ok()) return status;
  const Mishap mishap = Draw();
  if (mishap == Mishap::kUnavailable) return Away("the register is away");
  if (mishap == Mishap::kForget) return rpc::NotFound(kType, request.name());
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    if (mishap == Mishap::kExhausted) {
      return Overloaded("too many requests", misbehaviour_.retry_delay);
    }
    status = Question(request.name(), response);
    if (status.ok() && mishap == Mishap::kTwice) status = Question(request.name(), response);
  }
  return status.ok() ? Spoil(call, mishap, response) : status;
}

absl::Status SubmissionSim::Question(const std::string& name, ProgrammeSubmission* response) {
  auto it = held_.find(name);
  if (it == held_.end()) return rpc::NotFound(kType, name);
  Held& held = it->second;
  ++held.questions;
  const bool open = held.submission.state() == federal::v1::SUBMISSION_STATE_RECEIVED ||
                    held.submission.state() == federal::v1::SUBMISSION_STATE_IN_REVIEW;
  if (open && held.questions >= questions_ + misbehaviour_.late) {
    Decide(held);
  } else if (open) {
    held.submission.set_state(federal::v1::SUBMISSION_STATE_IN_REVIEW);
  }
  *response = held.submission;
  return absl::OkStatus();
}

void SubmissionSim::Decide(Held& held) {
  ProgrammeSubmission& submission = held.submission;
  *submission.mutable_decision_date() = Today();
  if (held.decision.declined) {
    submission.set_state(federal::v1::SUBMISSION_STATE_DECLINED);
    for (const auto& remark : held.decision.remarks) *submission.add_remarks() = remark;
    return;
  }
  ProgrammeApplication application;
  application.ParseFromString(held.content);
  // A new version of what is listed keeps its number.
  std::string number = application.register_number();
  if (number.empty()) number = absl::StrFormat("DPP-S%06d", ++listed_);
  federal::v1::Programme entry = EntryOf(application, number);
  *entry.mutable_listed_date() = submission.decision_date();
  register_->Put(std::move(entry));
  submission.set_state(federal::v1::SUBMISSION_STATE_ACCEPTED);
  submission.set_register_number(number);
}

}  // namespace rsnms::federal_sim
