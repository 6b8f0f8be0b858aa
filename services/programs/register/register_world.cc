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
    : engine_(engine), admin_(admin), region_(std::move(region)), random_(seed) {
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
}

void World::ChangeTheRegister(int changes) {
  for (int i = 0; i < changes; ++i) {
    const auto truth = reg().Truth();
    const auto& entry = truth[Draw(static_cast<int>(truth.size()))];
    const std::string number = entry.register_number();
    ++turn_;
    switch (Draw(9)) {
      case 0:
        if (anew_.contains(number)) break;
        entry.has_withdrawn_date() ? reg().Restore(number) : reg().Withdraw(number);
        break;
      case 1: {
        const std::string other = absl::StrCat("R", turn_, "-", number);
        if (TitleChanges(number) || number.size() > 40 || anew_.contains(number) ||
            !reg().Renumber(number, other)) {
          break;
        }
        // Of a withdrawn entry it depends on whether the mirror heard of the withdrawal.
        if (auto it = names_.find(number); it != names_.end() && !entry.has_withdrawn_date()) {
          names_[other] = it->second;
        }
        names_.erase(number);
        left_.push_back(number);
        break;
      }
      case 2: {
        federal::v1::Programme fresh = truth.front();
        // Sometimes under a number another entry bore: what the register promises not to do.
        const bool again = !free_.empty() && Draw(3) == 0;
        fresh.set_register_number(again ? free_.back() : absl::StrCat("N", turn_, "-0"));
        if (again) free_.pop_back();
        fresh.set_name("programmes/" + fresh.register_number());
        fresh.set_title(absl::StrCat("Новая программа ", turn_));
        fresh.clear_withdrawn_date();
        reg().Put(fresh);
        break;
      }
      case 3:
        if (Draw(2) == 0) RegisterAnew(entry);
        break;
      default: {
        const auto& fields = MirroredFields();
        const MirroredField& field = fields[Draw(static_cast<int>(fields.size()))];
        federal::v1::Programme trial = entry;
        if (!field.change_theirs(turn_, trial)) break;
        reg().Edit(number, [&](auto& e) { field.change_theirs(turn_, e); });
      }
    }
  }
}

// Withdrawn by name, and put down under another number: another programme, unless the register
// hides the withdrawal.
void World::RegisterAnew(const federal::v1::Programme& entry) {
  const std::string number = entry.register_number();
  if (entry.has_withdrawn_date() || anew_.contains(number) || number.size() > 40) return;
  federal::v1::Programme anew = entry;
  anew.set_register_number(absl::StrCat("Y", turn_, "-", number));
  anew.set_name("programmes/" + anew.register_number());
  reg().Withdraw(number);
  reg().Put(anew);
  anew_.insert({number, anew.register_number()});
}

void World::EditHere(int edits) {
  const auto programmes = Programmes();
  for (int i = 0; i < edits && !programmes.empty(); ++i) {
    auto it = programmes.begin();
    std::advance(it, Draw(static_cast<int>(programmes.size())));
    const auto& fields = MirroredFields();
    const MirroredField& field = fields[Draw(static_cast<int>(fields.size()))];
    v1::UpdateProgrammeRequest request;
    v1::Programme& programme = *request.mutable_programme();
    programme = it->second;
    programme.clear_etag();
    request.mutable_update_mask()->add_paths(field.name);
    ++turn_;
    if (!field.change_ours(turn_, it->first, programme)) continue;
    const auto after = Must<v1::Programme>("Programs/UpdateProgramme", request);
    // Edited again: what the register had said is the same.
    auto [edit, fresh] = edits_.try_emplace({it->second.name(), field.name});
    if (fresh) edit->second.base = field.ours(it->second);
    edit->second.value = field.ours(after);
  }
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
  if (run.state() == RegisterSync::STATE_SUCCEEDED) {
    ExpectLearners(after, run);
    if (run.withdrawn_count() * 100 > run.listed_before_count() * 30) {
      EXPECT_TRUE(run.shrink_confirmed()) << label << run.DebugString();
    }
    return;
  }
  // Failed or rejected: nothing was applied.
  for (const auto& [number, programme] : before) {
    ASSERT_TRUE(after.contains(number)) << label;
    EXPECT_EQ(after.at(number).etag(), programme.etag()) << label << " " << run.error_reason();
  }
  EXPECT_EQ(after.size(), before.size()) << label;
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
  for (const auto& [key, theirs] : questions) {
    ADD_FAILURE() << label << " not asked: " << key.first << " " << key.second << " " << theirs;
  }
}

}  // namespace rsnms::programs
