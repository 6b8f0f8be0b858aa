#include "tools/federal_sim/register_sim.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/errors.pb.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::Programme;

constexpr int kDefaultPage = 100;
constexpr int kGreatestPage = 1000;
constexpr int kLieEvery = 7;
// Clock of the register: the version counts seconds after this moment (2026-01-01), so that runs
// repeat exactly.
constexpr int64_t kEpochSeconds = 1767225600;

void SetTime(int64_t version, google::protobuf::Timestamp* time) {
  time->set_seconds(kEpochSeconds + version);
}

struct Token {
  int64_t version = 0;
  int offset = 0;
};

bool ParseToken(const std::string& text, Token* token) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  return parts.size() == 2 && absl::SimpleAtoi(parts[0], &token->version) &&
         absl::SimpleAtoi(parts[1], &token->offset) && token->offset >= 0;
}

std::string FormatToken(const Token& token) {
  return absl::StrCat(token.version, ".", token.offset);
}

void LieInTypes(int index, Programme& programme) {
  switch (index / kLieEvery % 3) {
    case 0:
      return programme.set_duration_hours(-programme.duration_hours());
    case 1:
      return programme.set_kind(static_cast<federal::v1::ProgrammeKind>(99));
    default:
      return programme.set_form(static_cast<federal::v1::StudyForm>(77));
  }
}

void LieInIdentifiers(int index, const Programme& neighbour, Programme& programme) {
  switch (index / kLieEvery % 4) {
    case 0:
      return programme.set_name("programmes/somebody-else");
    case 1:
      return programme.clear_register_number();
    case 2:
      return programme.mutable_provider()->set_inn("1234567890");
    default:
      programme.set_name(neighbour.name());
      return programme.set_register_number(neighbour.register_number());
  }
}

bool Every(int n, int64_t calls) { return n > 0 && calls % n == 0; }

}  // namespace

RegisterSim::RegisterSim(std::vector<Programme> programmes) {
  absl::MutexLock lock(&mutex_);
  for (Programme& programme : programmes) {
    SetTime(version_, programme.mutable_update_time());
    std::string number = programme.register_number();
    programmes_.emplace(std::move(number), std::move(programme));
  }
}

void RegisterSim::Serve(rpc::Server& server) {
  server.Serve(
      federal::v1::Programme::descriptor()->file()->FindServiceByName("ProgrammeRegister"));
  server.Unary("rsnms.federal.v1.ProgrammeRegister/ListProgrammes", this, &RegisterSim::List);
  server.Unary("rsnms.federal.v1.ProgrammeRegister/GetProgramme", this, &RegisterSim::Get);
}

void RegisterSim::Set(const Misbehaviour& misbehaviour) {
  absl::MutexLock lock(&mutex_);
  misbehaviour_ = misbehaviour;
  truncating_ = false;
  ++version_;
}

std::vector<Programme> RegisterSim::Truth() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Programme> truth;
  for (const auto& [number, programme] : programmes_) truth.push_back(programme);
  return truth;
}

bool RegisterSim::Edit(const std::string& register_number,
                       const std::function<void(Programme&)>& edit) {
  absl::MutexLock lock(&mutex_);
  auto it = programmes_.find(register_number);
  if (it == programmes_.end()) return false;
  edit(it->second);
  SetTime(++version_, it->second.mutable_update_time());
  return true;
}

void RegisterSim::Put(Programme programme) {
  absl::MutexLock lock(&mutex_);
  SetTime(++version_, programme.mutable_update_time());
  programmes_[programme.register_number()] = std::move(programme);
}

void RegisterSim::Withdraw(const std::string& register_number) {
  Edit(register_number, [](Programme& programme) {
    programme.mutable_withdrawn_date()->set_year(2026);
    programme.mutable_withdrawn_date()->set_month(3);
    programme.mutable_withdrawn_date()->set_day(2);
  });
}

void RegisterSim::Restore(const std::string& register_number) {
  Edit(register_number, [](Programme& programme) { programme.clear_withdrawn_date(); });
}

int64_t RegisterSim::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

absl::Status RegisterSim::Misbehave(rpc::Call& call, bool has_token) {
  Misbehaviour misbehaviour;
  int64_t calls;
  {
    absl::MutexLock lock(&mutex_);
    misbehaviour = misbehaviour_;
    calls = ++calls_;
  }
  if (Every(misbehaviour.hang_every, calls)) {
    const absl::Time until = absl::Now() + misbehaviour.hang;
    while (absl::Now() < until && !call.cancelled()) absl::SleepFor(absl::Milliseconds(10));
  }
  if (Every(misbehaviour.unavailable_every, calls)) {
    return rpc::Error(absl::StatusCode::kUnavailable,
                      options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE, "the register is away");
  }
  if (Every(misbehaviour.exhausted_every, calls)) {
    return rpc::Error(absl::StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                      "too many requests")
        .RetryAfter(absl::Milliseconds(20));
  }
  if (has_token && Every(misbehaviour.expire_every, calls)) {
    return rpc::Error(absl::StatusCode::kAborted, federal::v1::FEDERAL_REASON_SNAPSHOT_EXPIRED,
                      "the snapshot is gone");
  }
  return absl::OkStatus();
}

RegisterSim::Entries RegisterSim::Shown(const federal::v1::ListProgrammesRequest& request) const {
  const bool incremental = request.has_changed_since();
  auto later = [&](const google::protobuf::Timestamp& time) {
    return std::make_tuple(time.seconds(), time.nanos()) >
           std::make_tuple(request.changed_since().seconds(), request.changed_since().nanos());
  };
  Entries shown;
  int index = 0;
  for (const auto& [number, programme] : programmes_) {
    ++index;
    if (incremental ? !later(programme.update_time()) : programme.has_withdrawn_date()) continue;
    if (index * 37 % 100 < misbehaviour_.shrink_percent) continue;
    shown.push_back(programme);
    if (index % kLieEvery != 3) continue;
    if (misbehaviour_.lie_types) LieInTypes(index, shown.back());
    if (misbehaviour_.lie_identifiers && shown.size() > 1) {
      LieInIdentifiers(index, shown[shown.size() - 2], shown.back());
    }
  }
  return shown;
}

void RegisterSim::FillPage(const Entries& shown, int from, int size,
                           federal::v1::ListProgrammesResponse* response) {
  const int total = static_cast<int>(shown.size());
  const int end = std::min(from + size, total);
  const int stop = truncating_ && end - from > 1 ? end - 1 : end;
  for (int i = from; i < stop; ++i) *response->add_programmes() = shown[i];
  if (misbehaviour_.repeat && from > 0) *response->add_programmes() = shown[from - 1];
  if (misbehaviour_.repeat && from < stop) *response->add_programmes() = shown[from];
  if (misbehaviour_.reorder) {
    std::reverse(response->mutable_programmes()->pointer_begin(),
                 response->mutable_programmes()->pointer_end());
  }
  if (end < total || misbehaviour_.endless) {
    const int next = end < total ? end : std::max(total - 1, 0);
    // An endless walk gives another token each time for the same page.
    const std::string tail = end < total ? "" : absl::StrCat(".", calls_);
    response->set_next_page_token(FormatToken({version_, next}) + tail);
  }
}

absl::Status RegisterSim::List(rpc::Call& call, const federal::v1::ListProgrammesRequest& request,
                               federal::v1::ListProgrammesResponse* response) {
  if (auto status = Misbehave(call, !request.page_token().empty()); !status.ok()) return status;
  if (request.page_size() < 0) {
    return rpc::InvalidField("page_size", options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                             "must not be negative");
  }
  const int size =
      request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kGreatestPage);
  absl::MutexLock lock(&mutex_);
  Token token{.version = version_};
  std::string text = request.page_token();
  if (misbehaviour_.endless && std::count(text.begin(), text.end(), '.') == 2) {
    text.resize(text.rfind('.'));
  }
  if (!text.empty() && !ParseToken(text, &token)) {
    return rpc::InvalidField("page_token", options::v1::COMMON_REASON_INVALID_PAGE_TOKEN,
                             "was not given by this service");
  }
  if (token.version != version_) {
    return rpc::Error(absl::StatusCode::kAborted, federal::v1::FEDERAL_REASON_SNAPSHOT_EXPIRED,
                      "the register has changed since the walk began");
  }
  if (text.empty()) {
    truncating_ = misbehaviour_.truncate_walks != 0;
    if (misbehaviour_.truncate_walks > 0) --misbehaviour_.truncate_walks;
  }
  const Entries shown = Shown(request);
  FillPage(shown, std::min(token.offset, static_cast<int>(shown.size())), size, response);
  response->set_total_size(static_cast<int>(shown.size()));
  response->set_snapshot_version(absl::StrCat("v", version_));
  SetTime(version_, response->mutable_snapshot_time());
  return absl::OkStatus();
}

absl::Status RegisterSim::Get(rpc::Call& call, const federal::v1::GetProgrammeRequest& request,
                              Programme* response) {
  if (auto status = Misbehave(call, false); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (const auto& [number, programme] : programmes_) {
    if (programme.name() != request.name()) continue;
    *response = programme;
    return absl::OkStatus();
  }
  return rpc::NotFound("federal.rsnms/Programme", request.name());
}

}  // namespace rsnms::federal_sim
