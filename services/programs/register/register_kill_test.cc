// Real deaths: the service itself runs as a process and is killed with SIGKILL at random moments,
// again and again, while it mirrors the register; then it is left alone. RSNMS_FAULT_SEED chooses
// other moments.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/auth/jose.h"
#include "services/programs/register/register_fixture.h"

extern char** environ;

namespace rsnms::programs {
namespace {

constexpr int kProgrammes = 1500, kLearners = 20, kGo = 50;
constexpr absl::Duration kKilling = absl::Seconds(5);  // for each of two runs

// The binary `programs`, started and killed.
class Process {
 public:
  Process(const std::string& database, const std::string& federal) {
    std::string pattern = (std::filesystem::temp_directory_path() / "rsnms-kill-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    const auto pair = auth::GenerateKey(auth::Algorithm::kEs256, "");
    EXPECT_TRUE(pair.ok()) << pair.status();
    std::ofstream(directory_ + "/key.pem") << pair->private_pem;
    std::ofstream(directory_ + "/jwks.json") << "{\"keys\":[" << pair->jwk << "]}";
    command_ = {absl::StrCat(RSNMS_BIN_DIR, "/programs"),
                "--listen=127.0.0.1:0",
                "--database=" + database,
                "--upstream=federal=" + federal,
                "--jwks=" + directory_ + "/jwks.json",
                "--issuer=https://rsnms.test",
                "--roles=deploy/roles.textproto",
                "--migrations=.",
                "--service-key=" + directory_ + "/key.pem",
                "--secret-key=" + std::string(64, 'a')};
  }
  ~Process() {
    Kill();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void Start() {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string log = directory_ + "/log";
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    std::vector<char*> words;
    for (std::string& word : command_) words.push_back(word.data());
    words.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid_, words[0], &files, nullptr, words.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
  }

  // False when it had died by itself.
  bool Kill() {
    if (pid_ <= 0) return true;
    int outcome = 0;
    kill(pid_, SIGKILL);
    waitpid(pid_, &outcome, 0);
    pid_ = 0;
    return WIFSIGNALED(outcome) && WTERMSIG(outcome) == SIGKILL;
  }

  std::string Log() const {
    std::ifstream file(directory_ + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string directory_;
  std::vector<std::string> command_;
  pid_t pid_ = 0;
};

class Killed : public RegisterSyncing {
 protected:
  // A larger register than the fixture's, in a stand-in of its own.
  void SetUp() override {
    RegisterSyncing::SetUp();
    federal_sim::SimOptions options;
    options.programmes = kProgrammes;
    auto sim = federal_sim::Sim::Start(options, &open_door_);
    ASSERT_TRUE(sim.ok()) << sim.status();
    sim_ = *std::move(sim);
    const char* seed = std::getenv("RSNMS_FAULT_SEED");
    int number = 1;
    if (seed != nullptr && absl::SimpleAtoi(seed, &number)) random_.seed(number);
  }

  // Carries the run to its end over many dead processes.
  Sync Survive(Process& process, const Sync& begun) {
    std::string etag = begun.etag();
    Sync run = begun;
    const absl::Time end = absl::Now() + kKilling;
    int patience = 700;  // ms; on a busy machine a process lives longer before it does anything
    while (absl::Now() < end && !run.has_end_time()) {
      process.Start();
      absl::SleepFor(absl::Milliseconds(60 + random_() % patience));
      EXPECT_TRUE(process.Kill()) << process.Log();
      ++deaths_;
      run = Get(begun.name());
      const bool worked = run.etag() != etag;
      in_the_middle_ += worked && !run.has_end_time();
      patience = worked ? 700 : std::min(patience * 3 / 2, 3000);
      etag = run.etag();
    }
    process.Start();
    for (int i = 0; i < 3000 && !run.has_end_time(); ++i) {
      absl::SleepFor(absl::Milliseconds(20));
      run = Get(begun.name());
    }
    EXPECT_TRUE(process.Kill()) << process.Log();
    EXPECT_EQ(run.state(), Sync::STATE_SUCCEEDED) << run.DebugString();
    return run;
  }

  void Enrol(const v1::Programme& programme, int person) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    v1::Enrolment& enrolment = *request.mutable_enrolment();
    enrolment.set_person(NameOf("86", "persons", Uuid(person)));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(1)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme.name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    Must<v1::Enrolment>("CreateEnrolment", request);
  }

  std::mt19937_64 random_{1};
  int deaths_ = 0, in_the_middle_ = 0;
};

TEST_F(Killed, AServiceKilledAtAnyMomentEndsEqualToItsSource) {
  Process process(service_->database().app_conninfo(),
                  absl::StrCat("127.0.0.1:", sim_->server().port()));
  auto& truth = sim_->programme_register();
  truth.Set(*federal_sim::ParseMisbehaviour("unavailable:9"));
  const Sync first = Survive(process, Begin());
  EXPECT_EQ(first.added_count(), kProgrammes);
  EXPECT_EQ(first.applied_count(), kProgrammes);
  ExpectEqualToTruth();
  const auto mirrored = Programmes();
  for (const auto& [number, programme] : mirrored) EXPECT_EQ(programme.etag(), "\"1\"") << number;

  // Some entries go, most of them with learners; others change.
  int i = 0;
  for (const auto& entry : truth.Truth()) {
    const std::string& number = entry.register_number();
    if (++i % kGo == 0) truth.Withdraw(number);
    if (i % kGo == 5) truth.Edit(number, [](auto& e) { e.set_annotation("Другое"); });
    if (i % kGo == 0 && i <= kGo * kLearners) Enrol(mirrored.at(number), i);
  }
  const Sync second = Survive(process, Begin());
  EXPECT_EQ(second.withdrawn_count(), kProgrammes / kGo);
  EXPECT_EQ(second.changed_count(), kProgrammes / kGo);
  EXPECT_EQ(second.notice_count(), kLearners);
  ExpectEqualToTruth();
  for (const auto& [number, programme] : Programmes()) {
    const bool touched = programme.register_state() == v1::REGISTER_STATE_WITHDRAWN ||
                         programme.annotation() == "Другое";
    EXPECT_EQ(programme.etag(), touched ? "\"2\"" : "\"1\"") << number;
  }
  v1::ListRegisterNoticesRequest list;
  list.set_parent("regions/86");
  list.set_page_size(1000);
  const auto notices = Must<v1::ListRegisterNoticesResponse>("Register/ListRegisterNotices", list);
  EXPECT_EQ(notices.register_notices_size(), kLearners);
  std::printf("deaths %d, with work half done %d\n", deaths_, in_the_middle_);
  EXPECT_GE(deaths_, 4);
  EXPECT_GE(in_the_middle_, 1);
}

}  // namespace
}  // namespace rsnms::programs
