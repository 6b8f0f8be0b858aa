#include "tools/federal_sim/register_sim.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/errors.pb.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::Programme;

constexpr int kDefaultPage = 100;
constexpr int kGreatestPage = 1000;
constexpr int kLieEvery = 7;
// Clock of the register: each version lies ten minutes after the one before, from this moment on
// (2026-01-01), so that runs repeat exactly. What it holds at first is a day older.
constexpr int64_t kEpochSeconds = 1767225600, kSecondsAVersion = 600, kFirstAge = 86400;

void SetTime(int64_t version, google::protobuf::Timestamp* time) {
  time->set_seconds(kEpochSeconds + version * kSecondsAVersion);
}

struct Token {
  int64_t version = 0;
  int offset = 0;
};

// A third part only makes tokens differ.
bool ParseToken(const std::string& text, Token* token) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  return (parts.size() == 2 || parts.size() == 3) && absl::SimpleAtoi(parts[0], &token->version) &&
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

// The hours come as text, the title as a number, there is a field nobody knows, and a text holds
// what no database takes.
void LieInFields(Programme& programme) {
  auto* unknown = programme.GetReflection()->MutableUnknownFields(&programme);
  unknown->AddLengthDelimited(Programme::kDurationHoursFieldNumber, "тридцать шесть");
  unknown->AddVarint(Programme::kTitleFieldNumber, 36);
  unknown->AddLengthDelimited(777, "\xff\xfe");
  programme.clear_duration_hours();
  programme.clear_title();
  programme.mutable_provider()->clear_inn();
  programme.mutable_provider()->set_title(std::string("институт\0", 17));
}

// The way an unsteady call fails; nothing when it does not.
absl::Status Stumble(const Misbehaviour& misbehaviour, int64_t calls, bool has_token) {
  std::mt19937_64 random(misbehaviour.seed * 1000003 + static_cast<uint64_t>(calls));
  if (static_cast<int>(random() % 100) >= misbehaviour.unsteady_percent) return absl::OkStatus();
  switch (random() % (has_token ? 5 : 4)) {
    case 0:
      return rpc::Error(absl::StatusCode::kUnavailable,
                        options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE, "the register is away");
    case 1:
      return rpc::Error(absl::StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                        "too many requests")
          .RetryAfter(absl::Milliseconds(random() % 30000));
    case 2:
      return absl::DeadlineExceededError("the register is slow");
    case 3:
      return absl::InternalError("the register broke down");
    default:
      return rpc::Error(absl::StatusCode::kAborted, federal::v1::FEDERAL_REASON_SNAPSHOT_EXPIRED,
                        "the snapshot is gone");
  }
}

bool Every(int n, int64_t calls) { return n > 0 && calls % n == 0; }

}  // namespace

RegisterSim::RegisterSim(std::vector<Programme> programmes) {
  absl::MutexLock lock(&mutex_);
  for (Programme& programme : programmes) {
    programme.mutable_update_time()->set_seconds(kEpochSeconds - kFirstAge);
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
  questions_ = 0;
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

bool RegisterSim::EditLate(const std::string& register_number, absl::Duration age,
                           const std::function<void(Programme&)>& edit) {
  if (!Edit(register_number, edit)) return false;
  absl::MutexLock lock(&mutex_);
  auto& time = *programmes_[register_number].mutable_update_time();
  time.set_seconds(time.seconds() - absl::ToInt64Seconds(age));
  shown_of_.clear();
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

bool RegisterSim::Renumber(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  if (!programmes_.contains(from) || programmes_.contains(to)) return false;
  auto node = programmes_.extract(from);
  node.key() = to;
  node.mapped().set_register_number(to);
  node.mapped().set_name(absl::StrCat("programmes/", to));
  SetTime(++version_, node.mapped().mutable_update_time());
  programmes_.insert(std::move(node));
  return true;
}

bool RegisterSim::Erase(const std::string& register_number) {
  absl::MutexLock lock(&mutex_);
  ++version_;
  return programmes_.erase(register_number) > 0;
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
    if (Every(misbehaviour.shift_every, calls)) Shift();
  }
  if (auto status = Stumble(misbehaviour, calls, has_token); !status.ok()) return status;
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

bool RegisterSim::Gone(int index) const { return index * 37 % 100 < misbehaviour_.shrink_percent; }

void RegisterSim::Shift() {
  // Comes at the head of the order, goes from its first third: offsets beyond are shifted.
  Programme fresh = programmes_.begin()->second;
  const int64_t turn = shifts_++;
  if (turn % 2 == 0) {
    const std::string number = absl::StrCat("AAA-", version_, "-", turn);
    fresh.set_register_number(number);
    fresh.set_name(absl::StrCat("programmes/", number));
    fresh.set_title(absl::StrCat(fresh.title(), " ", number));
    fresh.clear_withdrawn_date();
    SetTime(++version_, fresh.mutable_update_time());
    programmes_[number] = std::move(fresh);
    return;
  }
  auto it = programmes_.begin();
  std::advance(it, static_cast<size_t>(turn) % (programmes_.size() / 3 + 1));
  it->second.mutable_withdrawn_date()->set_year(2026);
  it->second.mutable_withdrawn_date()->set_month(4);
  it->second.mutable_withdrawn_date()->set_day(1);
  SetTime(++version_, it->second.mutable_update_time());
}

const RegisterSim::Entries& RegisterSim::Shown(const federal::v1::ListProgrammesRequest& request) {
  const std::string of = absl::StrCat(version_, "/", request.changed_since().seconds(), "/",
                                      request.has_changed_since());
  if (shown_of_ != of) {
    shown_ = MakeShown(request);
    shown_of_ = of;
  }
  return shown_;
}

RegisterSim::Entries RegisterSim::MakeShown(
    const federal::v1::ListProgrammesRequest& request) const {
  const bool incremental = request.has_changed_since();
  auto later = [&](const google::protobuf::Timestamp& time) {
    return std::make_tuple(time.seconds(), time.nanos()) >
           std::make_tuple(request.changed_since().seconds(), request.changed_since().nanos());
  };
  Entries shown;
  int index = 0, skipped = 0;
  for (const auto& [number, programme] : programmes_) {
    ++index;
    if (incremental ? !later(programme.update_time()) : programme.has_withdrawn_date()) continue;
    if (Gone(index)) continue;
    if (index % 3 == 1 && skipped < misbehaviour_.skip) {
      ++skipped;
      continue;
    }
    shown.push_back(programme);
    if (index % kLieEvery != 3) continue;
    if (misbehaviour_.lie_types) LieInTypes(index, shown.back());
    if (misbehaviour_.lie_fields) LieInFields(shown.back());
    if (misbehaviour_.lie_identifiers && shown.size() > 1) {
      LieInIdentifiers(index, shown[shown.size() - 2], shown.back());
    }
  }
  return shown;
}

void RegisterSim::FillPage(const Entries& shown, int from, int size,
                           federal::v1::ListProgrammesResponse* response) {
  const int total = static_cast<int>(shown.size());
  if (misbehaviour_.short_pages) size = static_cast<int>(calls_ % 4) * size / 4;
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
    // Endless walks and empty pages give another token each time for the same place.
    const std::string tail = next > from ? "" : absl::StrCat(".", calls_);
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
  const bool first = request.page_token().empty();
  if (!first && !ParseToken(request.page_token(), &token)) {
    return rpc::InvalidField("page_token", options::v1::COMMON_REASON_INVALID_PAGE_TOKEN,
                             "was not given by this service");
  }
  const bool shifting = misbehaviour_.shift_every > 0;
  if (token.version != version_ && !shifting) {
    return rpc::Error(absl::StatusCode::kAborted, federal::v1::FEDERAL_REASON_SNAPSHOT_EXPIRED,
                      "the register has changed since the walk began");
  }
  const Entries& shown = Shown(request);
  if (first) {
    truncating_ = misbehaviour_.truncate_walks != 0;
    if (misbehaviour_.truncate_walks > 0) --misbehaviour_.truncate_walks;
    walk_total_ = static_cast<int>(shown.size());
  }
  FillPage(shown, std::min(token.offset, static_cast<int>(shown.size())), size, response);
  response->set_total_size(shifting ? walk_total_ : static_cast<int>(shown.size()));
  response->set_snapshot_version(shifting ? "shifting" : absl::StrCat("v", version_));
  SetTime(version_, response->mutable_snapshot_time());
  if (misbehaviour_.spoil) misbehaviour_.spoil(*response);
  return absl::OkStatus();
}

absl::Status RegisterSim::Get(rpc::Call& call, const federal::v1::GetProgrammeRequest& request,
                              Programme* response) {
  if (auto status = Misbehave(call, false); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  ++questions_;
  if (misbehaviour_.asked) {
    if (auto status = misbehaviour_.asked(questions_); !status.ok()) return status;
  }
  auto it = programmes_.find(std::string(absl::StripPrefix(request.name(), "programmes/")));
  if (it == programmes_.end() || it->second.name() != request.name() ||
      (misbehaviour_.shrink_percent > 0 &&
       Gone(static_cast<int>(std::distance(programmes_.begin(), it)) + 1))) {
    return rpc::NotFound("federal.rsnms/Programme", request.name());
  }
  if (misbehaviour_.lie_numbers && it != programmes_.begin()) --it;
  *response = it->second;
  return absl::OkStatus();
}

}  // namespace rsnms::federal_sim
