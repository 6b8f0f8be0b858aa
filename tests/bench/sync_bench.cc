// The mirror of the federal register: from scratch, with one per cent changed and with half of it
// gone, against reading the same pages and throwing them away. The mirror runs in this process, as
// the service's worker does, without its limit of calls a second.
#include <algorithm>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/testing/service.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/programs/v1/register_service.pb.h"
#include "services/programs/programs_service.h"
#include "services/programs/register/register.h"
#include "services/programs/register/register_mirror.h"
#include "tests/bench/bench.h"
#include "tools/federal_sim/sim.h"

namespace rsnms::bench {
namespace {

using programs::v1::RegisterSync;

constexpr int kPage = 200;  // MirrorOptions::page_size

class OpenDoor : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(std::string_view) const override {
    return std::make_shared<const auth::Identity>(auth::Identity::System("bench"));
  }
};

// Greatest resident memory since ForgetPeak, MiB.
double PeakMiB() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib / 1024;
}

void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

class Mirroring {
 public:
  explicit Mirroring(int programmes) {
    federal_sim::SimOptions options;
    options.programmes = programmes;
    auto sim = federal_sim::Sim::Start(options, &door_);
    if (!sim.ok()) Die(std::string(sim.status().message()));
    sim_ = *std::move(sim);
    const auto* file = programs::v1::SelectProgrammesRequest::descriptor()->file();
    service_ = testing::Service::Start(
        {.name = "programs",
         .contracts = {file->FindServiceByName("Programs"), programs::federal_register::Contract()},
         .upstreams = {}},
        [this](service::Host& host) {
          programs_ = std::make_unique<programs::ProgramsService>(&host.engine(), [] {});
          programs_->Serve(host.server());
          programs::federal_register::AddRules(host.engine());
          register_ =
              std::make_unique<programs::federal_register::RegisterService>(host.engine(), [] {});
          register_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    rpc::ClientOptions client;
    client.target = absl::StrCat("127.0.0.1:", sim_->server().port());
    client.token = [] { return std::string("anything"); };
    federal_ = rpc::Client::Create(client);
  }

  // Reads the register page by page; answers the seconds.
  double Read() {
    return Seconds([&] {
      federal::v1::ListProgrammesRequest request;
      request.set_page_size(kPage);
      federal::v1::ListProgrammesResponse page;
      do {
        page.Clear();
        const auto status = federal_->Unary("rsnms.federal.v1.ProgrammeRegister/ListProgrammes",
                                            request, &page, Soon());
        if (!status.ok()) Die(std::string(status.message()));
        request.set_page_token(page.next_page_token());
      } while (!page.next_page_token().empty());
    });
  }

  // A whole run, a great shrink confirmed; answers the seconds.
  double Sync() {
    programs::v1::StartRegisterSyncRequest start;
    start.set_parent("regions/86");
    RegisterSync run;
    Must("Programs/StartRegisterSync", start, &run);
    programs::v1::GetRegisterSyncRequest get;
    get.set_name(run.name());
    const double seconds = Seconds([&] {
      Drive();
      Must("Programs/GetRegisterSync", get, &run);
      if (run.state() != RegisterSync::STATE_NEEDS_CONFIRMATION) return;
      programs::v1::ConfirmShrinkRequest confirm;
      confirm.set_name(run.name());
      confirm.set_reason("так и есть");
      Must("Register/ConfirmShrink", confirm, &run);
      Drive();
    });
    Must("Programs/GetRegisterSync", get, &run);
    if (run.state() != RegisterSync::STATE_SUCCEEDED) Die(run.DebugString());
    return seconds;
  }

  // Every second programme is gone without a word.
  void LoseHalf() {
    auto& reg = sim_->programme_register();
    int i = 0;
    for (const auto& entry : reg.Truth()) {
      if (++i % 2 == 0) reg.Erase(entry.register_number());
    }
  }

  // Every hundredth programme gets another annotation.
  void ChangeOnePerCent() {
    auto& reg = sim_->programme_register();
    int i = 0;
    for (const auto& entry : reg.Truth()) {
      if (++i % 100 != 0) continue;
      reg.Edit(entry.register_number(), [](auto& e) { e.set_annotation("Изменённая аннотация"); });
    }
  }

 private:
  template <class Request>
  void Must(const std::string& method, const Request& request, RegisterSync* run) {
    const auto status = admin_->Unary("rsnms.programs.v1." + method, request, run, Soon());
    if (!status.ok()) Die(std::string(status.message()));
  }

  void Drive() {
    programs::MirrorOptions options;
    options.page_size = kPage;
    options.calls_per_second = 1e6;
    programs::RegisterMirror mirror(&service_->host().engine(), federal_, options);
    while (true) {
      auto living = mirror.Living();
      if (!living.ok()) Die(std::string(living.status().message()));
      if (living->empty()) return;
      if (auto rest = mirror.Step(living->front()); !rest.ok()) {
        Die(std::string(rest.status().message()));
      }
    }
  }

  OpenDoor door_;
  std::unique_ptr<federal_sim::Sim> sim_;
  std::unique_ptr<programs::ProgramsService> programs_;
  std::unique_ptr<programs::federal_register::RegisterService> register_;
  std::unique_ptr<testing::Service> service_;
  std::unique_ptr<rpc::Client> admin_;
  std::shared_ptr<rpc::Client> federal_;
};

}  // namespace

void BenchSync(const Options& options, std::vector<Figure>* figures) {
  const auto programmes = static_cast<int>(options.programmes);
  Mirroring mirroring(programmes);
  mirroring.Read();  // the stand-in makes its walk once
  ForgetPeak();
  const double before = PeakMiB();
  const double reading = Median(options.rounds, [&] { return mirroring.Read(); });
  const double read_peak = PeakMiB() - before;
  ForgetPeak();
  const double scratch = mirroring.Sync();
  const double sync_peak = PeakMiB() - before;
  mirroring.ChangeOnePerCent();
  mirroring.Read();
  const double changed = mirroring.Sync();
  mirroring.LoseHalf();
  mirroring.Read();
  ForgetPeak();
  const double half = mirroring.Sync();
  const double half_peak = PeakMiB() - before;
  const char* yardstick = "reading the same pages, no processing";
  figures->push_back({absl::StrCat("Sync of ", programmes, " programmes from scratch"), yardstick,
                      "rows/s", programmes / scratch, programmes / reading});
  figures->push_back({absl::StrCat("Sync of ", programmes, " programmes, 1 % changed"), yardstick,
                      "rows/s", programmes / changed, programmes / reading});
  figures->push_back(
      {absl::StrCat("Sync of ", programmes, " programmes, half gone, each asked for"), yardstick,
       "rows/s", programmes / half, programmes / reading});
  figures->push_back({absl::StrCat("Sync of ", programmes, " programmes, memory beyond rest"),
                      yardstick, "MiB", std::max({sync_peak, half_peak, 1.0}),
                      std::max(read_peak, 1.0), 0, true});
}

}  // namespace rsnms::bench
