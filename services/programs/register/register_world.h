// A small world for the fault-injection suite: a register that changes and misbehaves, people who
// edit and decide, a mirror that is killed; and a naive reference of what must come of it.
//
// The reference knows nothing of bases, batches or phases: it holds the register's truth (asked of
// the simulator), a ledger of what people changed and one of who learns where. Edits never come to
// say what the register says later, so an edit stands until a person takes theirs.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_WORLD_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_WORLD_H_

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rsnms/programs/v1/register_service.pb.h"
#include "services/programs/programs_fixture.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {

using ProgrammeMap = std::map<std::string, v1::Programme>;  // by register number

class World {
 public:
  World(resource::Engine* engine, rpc::Client* admin, const auth::Verifier* door,
        std::string region, uint64_t seed, int programmes);

  // Things that happen between runs, drawn from the seed.
  void ChangeTheRegister(int changes);
  // Entries of one title and provider come, are renumbered together and registered anew.
  void MixNamesakes(int changes);
  void EditHere(int edits);
  void DecideConflicts();
  // People enrol, leave and decide about notices; they also enrol while a run is under way.
  void Learn();

  // Begins a run and carries it to its end. A process dies at each point with this chance, or at
  // the point of this number alone (from 1).
  struct Deaths {
    int percent = 0;
    int at = 0;
  };
  v1::RegisterSync Run(const Deaths& deaths,
                       v1::RegisterSync::Mode mode = v1::RegisterSync::MODE_FULL);
  // The same with the register as a file: whole, with or without what it withdrew, or a part of it.
  v1::RegisterSync RunFile(const Deaths& deaths, v1::RegisterSync::Mode mode);

  // What must hold after any run; `before` is the mirror as it stood.
  void ExpectSound(const ProgrammeMap& before, const v1::RegisterSync& run,
                   const federal_sim::Misbehaviour& misbehaviour);
  // What must hold after a run that saw the truth: the mirror is equal to it, edits apart, and
  // exactly the open questions are asked.
  void ExpectEqual();

  ProgrammeMap Programmes() const;
  federal_sim::RegisterSim& reg() const { return sim_->programme_register(); }
  const std::string& region() const { return region_; }
  int points() const { return points_; }
  int deaths() const { return deaths_; }
  // Renumbered entries that were told from their namesakes.
  int contested() const { return contested_; }
  int notices() const { return static_cast<int>(Notices().size()); }
  std::string label;  // of failures

 private:
  struct Edit {
    std::string value;  // ours
    std::string base;   // what the register said when we changed it, or when ours was last upheld
  };

  template <class Response, class Request>
  Response Must(const std::string& method, const Request& request) const {
    Response response;
    const auto status = admin_->Unary("rsnms.programs.v1." + method, request, &response,
                                      absl::Now() + absl::Seconds(20), false);
    EXPECT_TRUE(status.ok()) << label << " " << method << ": " << status;
    return response;
  }
  int Draw(int below) { return static_cast<int>(random_() % below); }
  v1::RegisterSync Get(const std::string& name) const;
  std::vector<v1::RegisterConflict> OpenConflicts() const;
  // One life of a process: until the run rests, ends or dies.
  void Live(const std::string& name, const Deaths& deaths);
  void WordOnShrink(const std::string& name);
  // Many lives, until the run ends.
  v1::RegisterSync Carry(const std::string& name, const Deaths& deaths);
  void RegisterAnew(const federal::v1::Programme& entry);
  void PutNamesake(const federal::v1::Programme& entry);
  void Renumber(const federal::v1::Programme& entry);
  const federal::v1::Programme& DrawEntry(const std::vector<federal::v1::Programme>& truth);
  std::vector<federal::v1::Programme> NamesakesOf(const federal::v1::Programme& entry) const;
  // What the register says of an entry, number and moment apart, and the part others may share.
  struct Words {
    std::string name, all;
  };
  static Words WordsOf(const federal::v1::Programme& entry);
  // Whether an entry that was renumbered must be found to be the programme of this name: it alone
  // can be, or its words alone are those the programme was last seen with.
  bool Certain(const federal::v1::Programme& entry, const std::string& programme);
  void Enrol(bool during_run);
  std::vector<v1::RegisterNotice> Notices() const;
  void ExpectEdits(const ProgrammeMap& after);
  void ExpectDays(const ProgrammeMap& after);
  void ExpectWord(const ProgrammeMap& before, const ProgrammeMap& after,
                  const v1::RegisterSync& run);
  void ExpectLearners(const ProgrammeMap& after, const v1::RegisterSync& run);

  resource::Engine* const engine_;
  rpc::Client* const admin_;
  const std::string region_;
  std::mt19937_64 random_;
  std::unique_ptr<federal_sim::Sim> sim_;
  std::shared_ptr<rpc::Client> federal_;
  absl::Time now_ = absl::FromUnixSeconds(1767225600);
  int turn_ = 0, points_ = 0, deaths_ = 0;
  // Numbers entries no longer bear: since the mirror was last seen equal, and before.
  std::vector<std::string> left_, free_;
  // (name of the programme, field) → edit.
  std::map<std::pair<std::string, std::string>, Edit> edits_;
  // Programme behind an entry, by the entry's number as it is now.
  std::map<std::string, std::string> names_;
  // Numbers given to entries since then; what the register said of programmes when last seen equal,
  // by name of the programme; runs that have succeeded since then.
  std::set<std::string> moved_;
  std::map<std::string, Words> seen_;
  int successes_ = 0, contested_ = 0;
  // The register denied entries that stood, and a run believed it.
  bool denied_ = false;
  // Entries registered anew, the former and the new: both keep their numbers, the former stays
  // withdrawn.
  std::set<std::string> anew_;
  struct Learner {
    std::string programme;
    bool living = true;
    bool fresh = false;  // came while the present run was under way: the next one counts
  };
  std::map<std::string, Learner> learners_;  // by enrolment
  // The last run was told of withdrawals: those of a file without any are not.
  bool days_told_ = true;
  // Whether what left by earlier runs is weighed with a run's own, and which it is: programmes that
  // left since a person last confirmed.
  const bool weighs_together_;
  std::set<std::string> departed_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_WORLD_H_
