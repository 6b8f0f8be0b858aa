// Random histories of moves, mergers, divisions, renamings, closings, hirings and undoing: trees
// and counts on any date equal a naive model, and trees as they were known equal what was then
// answered.
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "services/registry/life/life_fixture.h"
#include "services/registry/life/life_model.h"

namespace rsnms::registry {
namespace {

constexpr int kSeeds = 8, kEvents = 24;
const CivilDay kFirst(2024, 1, 1);

google::type::Date On(int day) { return ToDate(kFirst + day); }

bool LastsTo(const google::type::Date* end, int day) {
  return end == nullptr || ToCivil(*end) >= kFirst + day;
}

class LifeHistories : public LifeTest, public ::testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
    random_.seed(GetParam());
    for (int i = 0; i < 7; ++i) MakeInitialBody(i);
    for (int i = 0; i < 8; ++i) {
      auto person = MakePerson();
      ASSERT_TRUE(person.ok()) << person.status();
      people_.push_back(person->name());
      MakePost(i, Any(), true);
      if (i % 2 == 0) MakePost(i, Any(), false);
    }
    for (int i = 0; i < 3; ++i) {
      const std::string body = absl::StrCat("b", i);
      ASSERT_TRUE(MakeTeam(names_[body], people_[i], kFirst).ok());
      model_.teams[people_[i]].fill(body);
    }
    initial_ = model_;
  }

  int Random(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool Coin() { return Random(2) == 0; }
  // A body that works for ever as things stand.
  std::string Any() {
    std::vector<std::string> open;
    for (const auto& [label, body] : model_.bodies)
      if (body.works[kDays - 1]) open.push_back(label);
    return open[Random(static_cast<int>(open.size()))];
  }
  void Know(const std::string& label, const std::string& name) {
    names_[label] = name;
    labels_[name] = label;
  }
  void MakeInitialBody(int i) {
    const std::string label = absl::StrCat("b", i);
    auto body = MakeBody(label);
    ASSERT_TRUE(body.ok()) << body.status();
    Know(label, body->name());
    model_.bodies[label].works.fill(true);
    model_.bodies[label].name.fill(label);
    if (i == 0) return;
    const std::string parent = absl::StrCat("b", (i - 1) / 2);
    ASSERT_TRUE(Move(body->name(), names_[parent], kFirst).ok());
    model_.bodies[label].parent.fill(parent);
  }
  void MakePost(int person, const std::string& body, bool main) {
    const std::string key = absl::StrCat("p", posts_++);
    auto post = Post(people_[person], names_[body], kFirst, main);
    post.set_post_code(key);
    const bool manager = Random(3) == 0;
    if (manager) post.set_category(v1::STAFF_CATEGORY_MANAGER);
    auto made = Employ(post);
    ASSERT_TRUE(made.ok()) << made.status();
    model_.posts[key].person = people_[person];
    model_.posts[key].manager = manager;
    model_.posts[key].body.fill(body);
  }

  // --- events: each tries one on the service and tells what happened, if it did

  using Happened = std::optional<LifeEvent>;

  LifeEvent Draft(LifeEvent::Kind kind) {
    LifeEvent event;
    event.kind = kind;
    event.day = 1 + Random(kDays - 10);
    event.sources = {Any()};
    return event;
  }
  v1::Organisation NewBody(const std::string& label) {
    v1::Organisation body;
    body.set_official_name(label);
    body.set_kind(v1::ORGANISATION_KIND_SCHOOL);
    body.set_municipality(kSurgut);
    return body;
  }
  std::string NewLabel() { return absl::StrCat("n", made_++); }
  Happened Done(LifeEvent event, const Changed& change) {
    if (!change.ok()) {
      EXPECT_FALSE(absl::IsInternal(change.status()) || absl::IsUnknown(change.status()))
          << change.status();
      EXPECT_NE(rpc::ReasonOf(change.status()), "SUMS_DIFFER") << change.status();
      return std::nullopt;
    }
    event.change = change->name();
    return event;
  }
  Happened TryMove() {
    auto event = Draft(LifeEvent::kMove);
    event.target = Any();
    auto link = Move(names_[event.sources[0]], names_[event.target], kFirst + event.day);
    return link.ok() ? Happened(event) : std::nullopt;
  }
  Happened TryHire() {
    auto event = Draft(LifeEvent::kHire);
    event.target = people_[Random(static_cast<int>(people_.size()))];
    event.change = absl::StrCat("p", posts_++);
    auto post = Post(event.target, names_[event.sources[0]], kFirst + event.day, false);
    post.set_post_code(event.change);
    return Employ(post).ok() ? Happened(event) : std::nullopt;
  }
  Happened TryRename() {
    auto event = Draft(LifeEvent::kRename);
    event.target = NewLabel();
    return Done(event, Rename(names_[event.sources[0]], event.target, kFirst + event.day));
  }
  Happened TryClose() {
    auto event = Draft(LifeEvent::kClose);
    return Done(event, Close(names_[event.sources[0]], kFirst + event.day));
  }
  Happened TryMerge() {
    auto event = Draft(LifeEvent::kMerge);
    if (Coin()) event.sources.push_back(Any());
    event.founds = Random(3) == 0;
    event.disbands = Coin();
    event.target = event.founds ? NewLabel() : Any();
    v1::MergeOrganisationsRequest request;
    request.set_parent(kRegion);
    for (const auto& source : event.sources) request.add_sources(names_[source]);
    *request.mutable_change_date() = On(event.day);
    if (event.founds)
      *request.mutable_new_target() = NewBody(event.target);
    else
      request.set_target(names_[event.target]);
    for (const auto& team : event.disbands ? Teams() : std::vector<v1::ManagementTeam>()) {
      const bool theirs =
          std::count(event.sources.begin(), event.sources.end(), labels_[team.organisation()]) > 0;
      if (theirs &&
          LastsTo(team.has_disbanded_date() ? &team.disbanded_date() : nullptr, event.day))
        request.add_disbanded_teams(team.name());
    }
    auto change = Merge(request);
    if (change.ok() && event.founds) Know(event.target, change->targets(0));
    return Done(event, change);
  }
  // The portion a record goes to: the one its kin went to, or any; none when the source keeps it.
  v1::OrganisationPortion* Place(v1::SplitOrganisationRequest* request, LifeEvent* event,
                                 const std::string& key) {
    const auto [heir, fresh] = event->given.try_emplace(key, event->sources[0]);
    if (fresh && !(event->remains && Random(3) == 0)) heir->second = event->successors[Random(2)];
    if (heir->second == event->sources[0]) return nullptr;
    return request->mutable_portions(heir->second == event->successors[0] ? 0 : 1);
  }
  void Share(v1::SplitOrganisationRequest* request, LifeEvent* event) {
    const std::string& source = names_[event->sources[0]];
    for (const auto& post : Employments()) {
      if (post.organisation() != source ||
          !LastsTo(post.has_end_date() ? &post.end_date() : nullptr, event->day))
        continue;
      if (auto* to = Place(request, event, post.post_code())) to->add_employments(post.name());
    }
    for (const auto& team : Teams()) {
      if (team.organisation() != source ||
          !LastsTo(team.has_disbanded_date() ? &team.disbanded_date() : nullptr, event->day))
        continue;
      if (auto* to = Place(request, event, team.members(0))) to->add_management_teams(team.name());
    }
    for (const auto& link : Links()) {
      if (link.parent() != source ||
          !LastsTo(link.has_valid_until_date() ? &link.valid_until_date() : nullptr, event->day))
        continue;
      if (auto* to = Place(request, event, labels_[link.child()]))
        to->add_organisation_links(link.name());
    }
  }
  Happened TrySplit() {
    auto event = Draft(LifeEvent::kSplit);
    event.remains = Coin();
    event.founds = Coin();
    v1::SplitOrganisationRequest request;
    request.set_name(names_[event.sources[0]]);
    request.set_source_remains(event.remains);
    *request.mutable_change_date() = On(event.day);
    for (int i = 0; i < 2; ++i) {
      event.successors.push_back(event.founds ? NewLabel() : Any());
      if (event.founds)
        *request.add_portions()->mutable_new_target() = NewBody(event.successors[i]);
      else
        request.add_portions()->set_target(names_[event.successors[i]]);
    }
    Share(&request, &event);
    auto change = Split(request);
    for (int i = 0; i < 2 && change.ok() && event.founds; ++i)
      Know(event.successors[i], change->targets(i));
    return Done(event, change);
  }
  bool TryUndo() {
    std::vector<LifeEvent*> standing;
    for (auto& event : events_)
      if (!event.undone && event.kind != LifeEvent::kMove && event.kind != LifeEvent::kHire)
        standing.push_back(&event);
    if (standing.empty()) return false;
    LifeEvent* event = standing[Random(static_cast<int>(standing.size()))];
    auto undone = Undo(event->change);
    if (!undone.ok()) {
      EXPECT_EQ(undone.status().code(), absl::StatusCode::kFailedPrecondition) << undone.status();
      EXPECT_NE(rpc::ReasonOf(undone.status()), "SUMS_DIFFER") << undone.status();
      return false;
    }
    event->undone = true;
    model_ = initial_;
    for (const auto& e : events_)
      if (!e.undone) e.Apply(&model_);
    return true;
  }
  void Step() {
    const int dice = Random(12);
    if (dice >= 9) {
      if (TryUndo()) ++undone_;
      return;
    }
    Happened happened = dice < 2   ? TryMove()
                        : dice < 5 ? TryMerge()
                        : dice < 7 ? TrySplit()
                        : dice < 8 ? (Coin() ? TryHire() : TryClose())
                                   : TryRename();
    if (!happened) return;
    happened->Apply(&model_);
    events_.push_back(*happened);
    ++accepted_[happened->kind];
  }

  // --- comparison

  std::vector<std::string> Lines(int day, const google::protobuf::Timestamp* known = nullptr) {
    v1::GetOrganisationTreeRequest request;
    request.set_parent(kRegion);
    request.set_hierarchy(v1::HIERARCHY_ADMINISTRATIVE);
    *request.mutable_as_of_date() = On(day);
    if (known != nullptr) *request.mutable_known_time() = *known;
    auto tree = Call<v1::OrganisationTree>("GetOrganisationTree", request);
    EXPECT_TRUE(tree.ok()) << tree.status();
    std::vector<std::string> lines;
    if (!tree.ok()) return lines;
    for (const auto& node : tree->nodes())
      lines.push_back(absl::StrCat(node.depth(), " ", node.official_name(), " < ",
                                   node.parent().empty() ? "" : labels_[node.parent()]));
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  void Compare(int day) {
    EXPECT_EQ(Lines(day), model_.Tree(day)) << "on day " << day;
    v1::CountEducatorsRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = On(day);
    auto counts = Call<v1::CountEducatorsResponse>("CountEducators", request);
    ASSERT_TRUE(counts.ok()) << counts.status();
    const std::array<int, 3> counted = {static_cast<int>(counts->total().person_count()),
                                        static_cast<int>(counts->total().pedagogue_count()),
                                        static_cast<int>(counts->total().manager_count())};
    EXPECT_EQ(counted, model_.Count(day)) << "on day " << day;
  }
  // Who works where, and whose teams are whose, on every day.
  void CompareRecords() {
    std::map<std::string, ByDay<std::string>> posts, teams;
    const auto put = [&](ByDay<std::string>& days, const google::type::Date& start,
                         const google::type::Date* end, const std::string& body) {
      for (int d = 0; d < kDays; ++d)
        if (kFirst + d >= ToCivil(start) && LastsTo(end, d)) days[d] += labels_[body];
    };
    for (const auto& post : Employments())
      put(posts[post.post_code()], post.start_date(),
          post.has_end_date() ? &post.end_date() : nullptr, post.organisation());
    for (const auto& team : Teams())
      put(teams[team.members(0)], team.formed_date(),
          team.has_disbanded_date() ? &team.disbanded_date() : nullptr, team.organisation());
    std::map<std::string, ByDay<std::string>> expected;
    for (const auto& [key, post] : model_.posts) expected[key] = post.body;
    EXPECT_EQ(posts, expected);
    EXPECT_EQ(teams, model_.teams);
  }

  struct Snapshot {
    google::protobuf::Timestamp moment;
    int day;
    std::vector<std::string> lines;
  };
  void Remember() {
    Snapshot snapshot;
    absl::SleepFor(absl::Milliseconds(4));
    const int64_t micros = absl::ToUnixMicros(absl::Now());
    snapshot.moment.set_seconds(micros / 1'000'000);
    snapshot.moment.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
    absl::SleepFor(absl::Milliseconds(4));
    snapshot.day = Random(kDays);
    snapshot.lines = Lines(snapshot.day);
    snapshots_.push_back(std::move(snapshot));
  }

  std::mt19937 random_;
  LifeModel model_, initial_;
  std::vector<LifeEvent> events_;
  std::vector<std::string> people_;
  std::map<std::string, std::string> names_, labels_;  // of bodies
  std::vector<Snapshot> snapshots_;
  int posts_ = 0, made_ = 0;

  static std::map<int, int> accepted_;
  static int undone_, histories_;
};

std::map<int, int> LifeHistories::accepted_;
int LifeHistories::undone_ = 0, LifeHistories::histories_ = 0;

TEST_P(LifeHistories, EqualTheNaiveModelOnAnyDate) {
  for (int i = 0; i < kEvents; ++i) {
    Step();
    for (int n = 0; n < 2; ++n) Compare(Random(kDays));
    CompareRecords();
    if (HasFailure()) {
      ADD_FAILURE() << "after event " << i << " of seed " << GetParam();
      return;
    }
    if (Random(4) == 0) Remember();
  }
  for (int d = 0; d < kDays; d += 3) Compare(d);
  for (const auto& snapshot : snapshots_)
    EXPECT_EQ(Lines(snapshot.day, &snapshot.moment), snapshot.lines);
  if (++histories_ < kSeeds) return;
  // The histories were worth comparing.
  for (int kind = LifeEvent::kMove; kind <= LifeEvent::kHire; ++kind)
    EXPECT_GT(accepted_[kind], 0) << kind;
  EXPECT_GT(undone_, 3);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LifeHistories, ::testing::Range(0, kSeeds));

}  // namespace
}  // namespace rsnms::registry
