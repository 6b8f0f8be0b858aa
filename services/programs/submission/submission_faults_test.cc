// Fault injection: every misbehaviour of the desk singly, a death at every boundary, and hundreds
// of seeded runs of both at random. Whatever happens, the register holds every submission exactly
// once, word for word, and every version ends in the state the register decided. RSNMS_FAULT_SEED
// and RSNMS_FAULT_RUNS choose other runs.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "libs/resource/names.h"
#include "services/programs/submission/submission_fixture.h"

namespace rsnms::programs {
namespace {

using federal_sim::DeskMisbehaviour;
using federal_sim::SubmissionSim;

constexpr char kSqlCopy[] = R"sql(
INSERT INTO programme_version
SELECT (jsonb_populate_record(v, jsonb_build_object(
  'id', '$ID', 'programme_id', NULL, 'title', '$TITLE', 'version', 1))).*
  FROM programme_version v WHERE id = '$FROM' RETURNING id)sql";

int Number(const char* variable, int otherwise) {
  int number = otherwise;
  const char* text = std::getenv(variable);
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

class SubmissionFaults : public Submitting {
 protected:
  void SetUp() override {
    Submitting::SetUp();
    options_.call_timeout = absl::Milliseconds(150);
    desk().DecideBy(DecideByTitle);
    model_ = Approved();
  }

  // What becomes of it is written in its title.
  static SubmissionSim::Decision DecideByTitle(
      const federal::v1::ProgrammeApplication& application) {
    SubmissionSim::Decision decision;
    decision.declined = absl::StartsWith(application.title(), "DECLINE");
    if (decision.declined) decision.remarks.emplace_back().set_text("Не соответствует");
    if (absl::StartsWith(application.title(), "REFUSE")) decision.refused_field = "goal";
    return decision;
  }

  // An approved version of this title, a copy of one that went the whole way.
  std::string Version86(const std::string& title) {
    const std::string id = resource::NewUuid();
    std::string sql = kSqlCopy;
    for (const auto& [word, value] : std::map<std::string, std::string>{
             {"$ID", id}, {"$TITLE", title}, {"$FROM", std::string(IdOf(model_))}}) {
      sql.replace(sql.find(word), word.size(), value);
    }
    EXPECT_EQ(Sql(sql), id);
    return programs::NameOf("86", "programmeVersions", id);
  }

  Submission Queue(int n) {
    const char* words[] = {"ACCEPT", "DECLINE", "REFUSE", "ACCEPT"};
    const Submission queued = SendOut(Version86(Cat(words[n % 4], " ", ++titles_)));
    ours_[queued.name()] = n;
    return queued;
  }

  // A process dies at each point with this chance in a hundred, or at the point of this number.
  void LetDie(int percent, int at, uint64_t seed) {
    random_.seed(seed);
    points_ = 0;
    options_.interrupt = [this, percent, at](std::string_view) -> absl::Status {
      ++points_;
      if (points_ != at && static_cast<int>(random_() % 100) >= percent) return absl::OkStatus();
      ++deaths_;
      return absl::CancelledError("killed");
    };
  }

  void ExpectOneAccepted(const Submission& submission, const Version& version,
                         const SubmissionSim::Held& held) {
    EXPECT_EQ(submission.state(), Submission::STATE_ACCEPTED);
    EXPECT_EQ(version.state(), Version::STATE_IN_REGISTER);
    EXPECT_EQ(version.federal_register_number(), held.submission.register_number());
    EXPECT_EQ(submission.register_number(), held.submission.register_number());
    int listed = 0;
    for (const auto& entry : sim_->programme_register().Truth()) {
      listed += entry.title() == version.title();
    }
    EXPECT_EQ(listed, 1) << version.title();
  }

  // Everything under this name ended as the desk decided, and the desk holds it once.
  void ExpectTrue(const std::string& name) {
    const Submission submission = Look(name);
    const Version version = Get(submission.programme_version());
    const auto held = HeldOf(submission);
    const auto content = Content(name);
    if (submission.state() == Submission::STATE_CANCELLED) {
      EXPECT_TRUE(held.empty());
      EXPECT_EQ(version.state(), Version::STATE_APPROVED);
      return;
    }
    if (absl::StartsWith(version.title(), "REFUSE")) {
      EXPECT_EQ(submission.state(), Submission::STATE_FAILED);
      EXPECT_EQ(version.state(), Version::STATE_DECLINED);
      EXPECT_TRUE(held.empty());
      return;
    }
    ASSERT_EQ(held.size(), 1u) << submission.DebugString();
    EXPECT_EQ(held[0].content, content.content());
    EXPECT_EQ(content.sha256(), submission.content_sha256());
    EXPECT_EQ(content.answer(), held[0].submission.SerializeAsString());
    EXPECT_EQ(submission.receipt_number(), held[0].submission.receipt_number());
    if (absl::StartsWith(version.title(), "ACCEPT")) {
      return ExpectOneAccepted(submission, version, held[0]);
    }
    EXPECT_EQ(submission.state(), Submission::STATE_DECLINED);
    EXPECT_EQ(version.state(), Version::STATE_DECLINED);
    EXPECT_EQ(submission.remarks_size(), 1);
  }

  // The desk holds nothing else, and no version twice.
  void ExpectAllTrue() {
    std::map<std::string, int> of_version;
    for (const auto& held : desk().Truth()) {
      const std::string name =
          programs::NameOf("86", "registerSubmissions", IdOf(held.submission.name()));
      EXPECT_TRUE(ours_.contains(name)) << name;
      EXPECT_EQ(++of_version[held.submission.programme_version()], 1);
    }
    for (const auto& [name, n] : ours_) ExpectTrue(name);
  }

  // The desk calms down at last, the processes live.
  void ExpectCalmEnd() {
    desk().Set({});
    options_.interrupt = nullptr;
    Drive();
    ExpectAllTrue();
  }

  std::string model_;
  std::map<std::string, int> ours_;  // submissions and their numbers
  std::mt19937_64 random_{1};
  int points_ = 0, deaths_ = 0, titles_ = 0;
};

TEST_F(SubmissionFaults, EveryMisbehaviourSinglyEndsTrue) {
  int n = 0;
  for (const char* words :
       {"unavailable:3", "exhausted:3", "internal:3", "internal:4", "lose:3", "lose:4", "hang:3",
        "twice:1", "stranger:3", "broken:3", "late:5", "forget:3", "forget:4", "unsteady:60"}) {
    SCOPED_TRACE(words);
    DeskMisbehaviour misbehaviour = *federal_sim::ParseDeskMisbehaviour(words);
    misbehaviour.hang = absl::Milliseconds(200);
    desk().Set(misbehaviour);
    for (int i = 0; i < 4; ++i) Queue(n++);
    Drive();
    ExpectAllTrue();
    ours_.clear();
    for (const auto& held : desk().Truth()) desk().Lose(held.submission.name());
    if (HasFailure()) return;
  }
}

TEST_F(SubmissionFaults, KilledAtEveryBoundaryOnceItEndsTrue) {
  for (int n = 0; n < 3; ++n) {
    for (int at = 1; at < 99; ++at) {
      SCOPED_TRACE(Cat(n, " killed at ", at));
      Queue(n);
      const int deaths = deaths_;
      LetDie(0, at, 1);
      Drive();
      ExpectCalmEnd();
      if (HasFailure()) return;
      if (deaths_ > deaths) continue;
      EXPECT_GE(at, n == 2 ? 7 : 12) << "a submission has more points than that";
      break;
    }
  }
  std::printf("deaths %d\n", deaths_);
}

// The worst of both: it is taken, the answer is lost, and the process dies, at every boundary.
TEST_F(SubmissionFaults, KilledAtEveryBoundaryWhileAnswersAreLostItEndsTrue) {
  for (int at = 1; at < 99; ++at) {
    SCOPED_TRACE(Cat("killed at ", at));
    Queue(0);
    desk().Set(*federal_sim::ParseDeskMisbehaviour("lose:2"));
    const int deaths = deaths_;
    LetDie(0, at, 1);
    Drive();
    ExpectCalmEnd();
    if (HasFailure() || deaths_ == deaths) return;
  }
}

TEST_F(SubmissionFaults, RunsAtRandomEndTrue) {
  const int seed = Number("RSNMS_FAULT_SEED", 1), runs = Number("RSNMS_FAULT_RUNS", 300);
  std::mt19937_64 random(seed);
  int submissions = 0, cancelled = 0, deliveries = 0, questions = 0;
  for (int run = 0; run < runs; ++run) {
    SCOPED_TRACE(Cat("seed ", seed, " run ", run));
    DeskMisbehaviour misbehaviour;
    misbehaviour.unsteady_percent = static_cast<int>(random() % 70);
    misbehaviour.seed = random();
    misbehaviour.hang = absl::Milliseconds(200);
    misbehaviour.late = static_cast<int>(random() % 3);
    misbehaviour.retry_delay = absl::Seconds(random() % 7200);
    desk().Set(misbehaviour);
    desk().SetQuestions(static_cast<int>(random() % 4));
    const int count = 1 + static_cast<int>(random() % 2);
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(Queue(submissions++).name());
    const int kills[] = {0, 5, 20};
    LetDie(kills[random() % 3], 0, random());
    if (random() % 8 == 0) cancelled += Cancel(names[0]).ok();
    if (random() % 8 == 0) {
      (void)Sender().Step(Look(names[0])).status();
      cancelled += Cancel(names[0]).ok();
    }
    Drive();
    ExpectCalmEnd();
    for (const auto& held : desk().Truth()) {
      deliveries += held.deliveries;
      questions += held.questions;
      desk().Lose(held.submission.name());
    }
    ours_.clear();
    if (HasFailure()) return;
  }
  std::printf("runs %d, submissions %d, cancelled %d, deliveries %d, questions %d, deaths %d\n",
              runs, submissions, cancelled, deliveries, questions, deaths_);
  // The suite means something only when all of this happened.
  if (runs < 300) return;
  EXPECT_GT(deaths_, 100);
  EXPECT_GT(cancelled, 10);
  EXPECT_GT(deliveries, submissions);
}

}  // namespace
}  // namespace rsnms::programs
