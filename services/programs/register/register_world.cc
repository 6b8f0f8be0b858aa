#include "services/programs/register/register_world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/programs/register/register_fields.h"

namespace rsnms::programs {
namespace {

using v1::RegisterSync;

bool Living(const RegisterSync& run) {
  return run.state() == RegisterSync::STATE_PENDING || run.state() == RegisterSync::STATE_RUNNING;
}

}  // namespace

World::World(resource::Engine* engine, rpc::Client* admin, const auth::Verifier* door,
             std::string region, uint64_t seed, int programmes)
    : engine_(engine),
      admin_(admin),
      region_(std::move(region)),
      random_(seed),
      weighs_together_(seed % 2 == 1) {
  label = absl::StrCat("seed ", seed, " region ", region_);
  federal_sim::SimOptions options;
  options.programmes = programmes;
  options.seed = seed;
  auto sim = federal_sim::Sim::Start(options, door);
  EXPECT_TRUE(sim.ok()) << sim.status();
  sim_ = *std::move(sim);
  rpc::ClientOptions client;
  client.target = absl::StrCat("127.0.0.1:", sim_->server().port());
  client.token = [] { return std::string("anything"); };
  federal_ = rpc::Client::Create(client);
  // All runs of a world lie within a day.
  v1::CreateRegisterPolicyRequest create;
  create.set_parent("regions/" + region_);
  create.set_register_policy_id("mirror");
  create.mutable_register_policy()->set_shrink_percent(30);
  create.mutable_register_policy()->set_shrink_days(weighs_together_ ? 1 : 0);
  Must<v1::RegisterPolicy>("Register/CreateRegisterPolicy", create);
}

void World::DecideConflicts() {
  for (const auto& conflict : OpenConflicts()) {
    const std::pair<std::string, std::string> key = {conflict.programme(), conflict.field()};
    EXPECT_TRUE(edits_.contains(key)) << label << conflict.DebugString();
    switch (Draw(3)) {
      case 0: {
        v1::KeepOursRequest keep;
        keep.set_name(conflict.name());
        keep.set_reason("так решено");
        Must<v1::RegisterConflict>("Register/KeepOurs", keep);
        v1::Programme theirs;
        EXPECT_TRUE(
            register_merge::SetValue(conflict.field(), conflict.their_value(), theirs).ok());
        edits_[key].base = FieldNamed(conflict.field()).ours(theirs);
        break;
      }
      case 1: {
        v1::TakeTheirsRequest take;
        take.set_name(conflict.name());
        v1::Programme shown;
        EXPECT_TRUE(register_merge::SetValue(conflict.field(), conflict.our_value(), shown).ok());
        if (FieldNamed(conflict.field()).ours(shown) != edits_[key].value) {
          v1::RegisterConflict refused;
          const auto status = admin_->Unary("rsnms.programs.v1.Register/TakeTheirs", take, &refused,
                                            absl::Now() + absl::Seconds(20), false);
          EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << label << status;
          break;
        }
        Must<v1::RegisterConflict>("Register/TakeTheirs", take);
        edits_.erase(key);
        break;
      }
      default:
        break;  // later
    }
  }
}

RegisterSync World::Get(const std::string& name) const {
  v1::GetRegisterSyncRequest request;
  request.set_name(name);
  return Must<RegisterSync>("Programs/GetRegisterSync", request);
}

std::vector<v1::RegisterConflict> World::OpenConflicts() const {
  v1::ListRegisterConflictsRequest request;
  request.set_parent("regions/" + region_);
  request.set_filter("state = OPEN");
  request.set_page_size(1000);
  const auto page =
      Must<v1::ListRegisterConflictsResponse>("Register/ListRegisterConflicts", request);
  EXPECT_TRUE(page.next_page_token().empty());
  return {page.register_conflicts().begin(), page.register_conflicts().end()};
}

ProgrammeMap World::Programmes() const {
  v1::ListProgrammesRequest request;
  request.set_parent("regions/" + region_);
  request.set_page_size(1000);
  request.set_show_deleted(true);
  const auto page = Must<v1::ListProgrammesResponse>("Programs/ListProgrammes", request);
  EXPECT_TRUE(page.next_page_token().empty());
  ProgrammeMap programmes;
  for (const v1::Programme& programme : page.programmes()) {
    EXPECT_TRUE(programmes.emplace(programme.federal_register_number(), programme).second)
        << label << " twice: " << programme.federal_register_number();
  }
  return programmes;
}

void World::Live(const std::string& name, const Deaths& deaths) {
  MirrorOptions options;
  options.page_size = 6;
  options.apply_batch = 7;
  options.verify_batch = 2;
  options.calls_per_second = 1e6;
  options.max_failures = 6;
  options.max_restarts = 3;
  options.now = [this] { return now_; };
  options.interrupt = [&](std::string_view point) -> absl::Status {
    ++points_;
    // Outside of transactions a person may come in.
    if (point != "matched" && point != "before-commit" && Draw(200) == 0) Enrol(true);
    if (points_ != deaths.at && Draw(100) >= deaths.percent) return absl::OkStatus();
    ++deaths_;
    return absl::InternalError("killed");
  };
  RegisterMirror mirror(engine_, federal_, options);
  for (int steps = 0; steps < 1500; ++steps) {
    auto living = mirror.Living();
    ASSERT_TRUE(living.ok()) << living.status();
    auto run = std::find_if(living->begin(), living->end(),
                            [&](const RegisterSync& sync) { return sync.name() == name; });
    if (run == living->end()) return;
    auto rest = mirror.Step(*run);
    if (!rest.ok()) {
      ASSERT_EQ(rest.status().message(), "killed") << label;
      return;
    }
    now_ += *rest + absl::Milliseconds(1);
  }
  FAIL() << label << " the run does not end";
}

void World::WordOnShrink(const std::string& name) {
  if (Draw(2) == 0) {
    v1::ConfirmShrinkRequest confirm;
    confirm.set_name(name);
    confirm.set_reason("так и есть");
    Must<RegisterSync>("Register/ConfirmShrink", confirm);
    return;
  }
  v1::RejectShrinkRequest reject;
  reject.set_name(name);
  reject.set_reason("не верим");
  Must<RegisterSync>("Register/RejectShrink", reject);
}

RegisterSync World::Run(const Deaths& deaths, RegisterSync::Mode mode) {
  points_ = 0;
  days_told_ = true;
  v1::StartRegisterSyncRequest start;
  start.set_mode(mode);
  start.set_ask_again(Draw(4) != 0);
  start.set_parent("regions/" + region_);
  const auto run = Must<RegisterSync>("Programs/StartRegisterSync", start);
  return Carry(run.name(), deaths);
}

RegisterSync World::Carry(const std::string& name, const Deaths& deaths) {
  RegisterSync run;
  for (int lives = 0; lives < 3000; ++lives) {
    Live(name, deaths);
    run = Get(name);
    if (run.state() == RegisterSync::STATE_NEEDS_CONFIRMATION) {
      WordOnShrink(name);
      run = Get(name);
    }
    successes_ += run.state() == RegisterSync::STATE_SUCCEEDED;
    if (!Living(run)) return run;
  }
  ADD_FAILURE() << label << " too many lives";
  return run;
}

void World::ExpectEdits(const ProgrammeMap& after) {
  std::map<std::string, const v1::Programme*> by_name;
  for (const auto& [number, programme] : after) by_name[programme.name()] = &programme;
  for (const auto& [key, edit] : edits_) {
    ASSERT_TRUE(by_name.contains(key.first)) << label;
    EXPECT_EQ(FieldNamed(key.second).ours(*by_name[key.first]), edit.value)
        << label << " lost edit of " << key.second;
  }
}

void World::ExpectSound(const ProgrammeMap& before, const RegisterSync& run,
                        const federal_sim::Misbehaviour& misbehaviour) {
  const auto after = Programmes();
  ExpectEdits(after);
  std::set<std::string> standing, standing_names;
  for (const auto& entry : reg().Truth()) {
    if (!entry.has_withdrawn_date()) standing.insert(entry.register_number());
  }
  for (const auto& [number, programme] : before) {
    const bool listed = programme.register_state() == v1::REGISTER_STATE_LISTED;
    if (misbehaviour.shrink_percent > 0 || !listed || !standing.contains(number)) continue;
    ASSERT_TRUE(after.contains(number)) << label << " vanished: " << number;
    EXPECT_EQ(after.at(number).register_state(), v1::REGISTER_STATE_LISTED)
        << label << " falsely withdrawn: " << number;
  }
  EXPECT_GE(after.size(), before.size()) << label << " something was deleted";
  for (const auto& [number, programme] : after) EXPECT_FALSE(programme.has_delete_time());
  for (const auto& [number, programme] : days_told_ ? ProgrammeMap() : before) {
    auto it = after.find(number);
    if (it == after.end() || !it->second.has_register_withdrawn_date()) continue;
    if (!programme.has_register_withdrawn_date()) continue;
    EXPECT_EQ(it->second.register_withdrawn_date().SerializeAsString(),
              programme.register_withdrawn_date().SerializeAsString())
        << label << " another day, and nobody told it: " << number;
  }
  ExpectWord(before, after, run);
  if (run.state() == RegisterSync::STATE_SUCCEEDED) {
    ExpectLearners(after, run);
    denied_ |= misbehaviour.shrink_percent > 0;
    return;
  }
  // Failed or rejected: nothing was applied.
  for (const auto& [number, programme] : before) {
    ASSERT_TRUE(after.contains(number)) << label;
    EXPECT_EQ(after.at(number).etag(), programme.etag()) << label << " " << run.error_reason();
  }
  EXPECT_EQ(after.size(), before.size()) << label;
}

// More than 30 of a hundred leave by no run, and by no runs together, without a person's word.
void World::ExpectWord(const ProgrammeMap& before, const ProgrammeMap& after,
                       const RegisterSync& run) {
  std::map<std::string, v1::RegisterState> became;  // by name: numbers may change
  for (const auto& [number, programme] : after)
    became[programme.name()] = programme.register_state();
  int listed = 0, earlier = 0;
  std::set<std::string> leaving;
  for (const auto& [number, programme] : before) {
    const bool gone = programme.register_state() == v1::REGISTER_STATE_WITHDRAWN;
    earlier += weighs_together_ && gone && departed_.contains(programme.name());
    if (programme.register_state() != v1::REGISTER_STATE_LISTED) continue;
    ++listed;
    if (became[programme.name()] == v1::REGISTER_STATE_WITHDRAWN) leaving.insert(programme.name());
  }
  const int now = static_cast<int>(leaving.size());
  if (now > 0 && (now + earlier) * 100 > (listed + earlier) * 30) {
    EXPECT_TRUE(run.shrink_confirmed()) << label << " " << earlier << " " << run.DebugString();
  }
  if (run.shrink_confirmed()) {
    departed_.clear();
  } else {
    departed_.insert(leaving.begin(), leaving.end());
  }
}

// What the register withdrew bears the register's day, however it was noticed first, and whatever
// day the register named before.
void World::ExpectDays(const ProgrammeMap& after) {
  if (!days_told_) return;
  for (const auto& entry : reg().Truth()) {
    auto it = after.find(entry.register_number());
    if (!entry.has_withdrawn_date() || it == after.end()) continue;
    EXPECT_EQ(it->second.register_withdrawn_date().SerializeAsString(),
              entry.withdrawn_date().SerializeAsString())
        << label << " " << it->first;
  }
}

World::Words World::WordsOf(const federal::v1::Programme& entry) {
  Words words;
  words.name = absl::StrCat(entry.title(), "|", entry.provider().inn());
  for (const MirroredField& field : MirroredFields()) {
    absl::StrAppend(&words.all, field.theirs(entry), "|");
  }
  return words;
}

bool World::Certain(const federal::v1::Programme& entry, const std::string& programme) {
  const Words words = WordsOf(entry);
  bool namesakes = false, twins = false;
  for (const auto& other : reg().Truth()) {
    if (other.register_number() == entry.register_number()) continue;
    const Words theirs = WordsOf(other);
    namesakes |= theirs.name == words.name;
    twins |= theirs.all == words.all;
  }
  for (const auto& [name, seen] : seen_) {
    if (name == programme) continue;
    namesakes |= seen.name == words.name;
    twins |= seen.all == words.all;
  }
  if (!namesakes) return true;
  // A run before this one may have seen a part of them alone.
  const auto seen = seen_.find(programme);
  const bool told =
      !twins && successes_ == 1 && seen != seen_.end() && seen->second.all == words.all;
  contested_ += told;
  return told;
}

void World::ExpectEqual() {
  const auto after = Programmes();
  std::map<std::pair<std::string, std::string>, std::string> questions;  // → their value
  std::set<std::string> standing, standing_names;
  for (const auto& entry : reg().Truth()) {
    const std::string& number = entry.register_number();
    if (entry.has_withdrawn_date()) continue;
    standing.insert(number);
    ASSERT_TRUE(after.contains(number)) << label << " lacks " << number;
    const v1::Programme& programme = after.at(number);
    standing_names.insert(programme.name());
    EXPECT_EQ(programme.register_state(), v1::REGISTER_STATE_LISTED) << label << " " << number;
    EXPECT_FALSE(programme.has_register_withdrawn_date()) << label << " " << number;
    auto [name, fresh] = names_.try_emplace(number, programme.name());
    // Of namesakes nothing tells apart each is one of them: which, nobody can say. An entry the
    // register denied may have been taken for renumbered, too.
    if ((denied_ || moved_.contains(number)) && !Certain(entry, name->second)) {
      name->second = programme.name();
    }
    EXPECT_EQ(name->second, programme.name()) << label << " became another: " << number;
    for (const MirroredField& field : MirroredFields()) {
      auto edit = edits_.find({programme.name(), field.name});
      const std::string theirs = field.theirs(entry);
      EXPECT_EQ(field.ours(programme), edit == edits_.end() ? theirs : edit->second.value)
          << label << " " << number << " " << field.name;
      if (edit != edits_.end() && theirs != edit->second.base) questions[edit->first] = theirs;
    }
  }
  for (const auto& [number, programme] : after) {
    if (standing.contains(number)) continue;
    EXPECT_EQ(programme.register_state(), v1::REGISTER_STATE_WITHDRAWN) << label << " " << number;
  }
  ExpectDays(after);
  for (const auto& conflict : OpenConflicts()) {
    if (!standing_names.contains(conflict.programme())) continue;
    EXPECT_EQ(after.count(conflict.register_number()), 1u)
        << label << " old number: " << conflict.DebugString();
    const std::pair<std::string, std::string> key = {conflict.programme(), conflict.field()};
    EXPECT_TRUE(questions.contains(key)) << label << " asked twice: " << conflict.DebugString();
    v1::Programme theirs;
    EXPECT_TRUE(register_merge::SetValue(conflict.field(), conflict.their_value(), theirs).ok());
    EXPECT_EQ(FieldNamed(conflict.field()).ours(theirs), questions[key]) << label;
    questions.erase(key);
  }
  free_.insert(free_.end(), left_.begin(), left_.end());
  left_.clear();
  moved_.clear();
  denied_ = false;
  successes_ = 0;
  for (const auto& entry : reg().Truth()) {
    if (auto it = after.find(entry.register_number());
        it != after.end() && !entry.has_withdrawn_date()) {
      seen_[it->second.name()] = WordsOf(entry);
    }
  }
  for (const auto& [key, theirs] : questions) {
    ADD_FAILURE() << label << " not asked: " << key.first << " " << key.second << " " << theirs;
  }
}

}  // namespace rsnms::programs
