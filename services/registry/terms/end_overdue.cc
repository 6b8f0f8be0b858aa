#include "services/registry/terms/end_overdue.h"

#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/observe/log.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/resource/type.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"
#include "services/registry/terms/endings.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;
using Images = std::vector<std::unique_ptr<Message>>;

// $1 seconds since 1970, $2 region, empty for all.
constexpr char kSqlDays[] = R"sql(
SELECT r.region_code, (to_timestamp($1::bigint) AT TIME ZONE coalesce(z.name, 'Europe/Moscow'))::date - DATE '1970-01-01'
  FROM region r LEFT JOIN pg_timezone_names z ON z.name = r.time_zone
 WHERE r.delete_time IS NULL AND ($2 = '' OR r.region_code = $2)
)sql";

constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";

// One ending, bound to the engine: what every batch of it needs.
class Ender {
 public:
  Ender(resource::Engine& engine, const EndingRun& run, const Ending& ending)
      : engine_(engine),
        run_(run),
        ending_(ending),
        type_(engine.TypeOf(ending.resource)),
        rows_(resource::RowsOf(engine, ending.resource)),
        rpc_(google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(ending.rpc)) {}

  absl::Status Run(EndedTerms* terms) {
    auto step = resource::BindStep(rpc_, type_);
    if (!step.ok()) return step.status();
    step_ = *std::move(step);
    std::string after = kFirstId;
    while (!after.empty()) {
      std::vector<std::string> seen;
      auto status =
          End(absl::StrCat("id > $3::uuid ORDER BY id LIMIT ", run_.batch), after, &seen, terms);
      if (IsOutage(status)) return status;
      if (!status.ok()) {
        if (auto s = EndOneByOne(seen, terms); !s.ok()) return s;
      }
      after = seen.size() == static_cast<size_t>(run_.batch) ? seen.back() : "";
    }
    return absl::OkStatus();
  }

 private:
  static bool IsOutage(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
           absl::IsCancelled(status);
  }

  // Ends the rows past their term that also meet the condition, in which $3 is `value`; all or
  // none. `seen` gets their ids in any case.
  absl::Status End(const std::string& condition, const std::string& value,
                   std::vector<std::string>* seen, EndedTerms* terms) {
    std::vector<v1::EndOverdueResponse::Ended> ended;
    auto status = engine_.pool().Run(run_.tx, [&](pg::Tx& tx) -> absl::Status {
      seen->clear();
      ended.clear();
      Images images;
      auto read = rows_.Select(
          tx,
          absl::StrCat("region_code = $1 AND delete_time IS NULL AND ", ending_.condition, " AND ",
                       condition, run_.validate_only ? "" : " FOR UPDATE SKIP LOCKED"),
          pg::Params::Of(run_.region, ToIso(ToDate(run_.day)), value),
          [&] { return images.emplace_back(type_.New()).get(); });
      if (!read.ok()) return read;
      for (const auto& image : images) seen->push_back(IdOf(type_.NameOf(*image)));
      return images.empty() ? absl::OkStatus() : Step(tx, images, &ended);
    });
    if (!status.ok()) return status;
    if (!run_.validate_only && !ended.empty()) engine_.WakeSealer();
    for (auto& one : ended) terms->ended.push_back(std::move(one));
    return absl::OkStatus();
  }

  absl::Status Step(pg::Tx& tx, const Images& images,
                    std::vector<v1::EndOverdueResponse::Ended>* ended) {
    std::vector<Message*> pointers;
    for (const auto& image : images) {
      const auto last_day = ending_.last_day(*image);
      auto& one = ended->emplace_back();
      one.set_kind(ending_.kind);
      one.set_resource(type_.NameOf(*image));
      *one.mutable_last_date() = last_day;
      if (run_.validate_only) continue;
      const std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                                 ->GetPrototype(rpc_->input_type())
                                                 ->New());
      ending_.fill(last_day, request.get());
      if (auto s = resource::MakeStep(step_, type_, *request, image.get()); !s.ok()) return s;
      if (ending_.also) {
        if (auto s = ending_.also(engine_, tx, run_.author, *image); !s.ok()) return s;
      }
      pointers.push_back(image.get());
    }
    return pointers.empty() ? absl::OkStatus() : rows_.Merge(tx, run_.author, pointers).status();
  }

  // After a batch was refused: each row by itself.
  absl::Status EndOneByOne(const std::vector<std::string>& ids, EndedTerms* terms) {
    for (const std::string& id : ids) {
      std::vector<std::string> seen;
      const auto status = End("id = $3::uuid", id, &seen, terms);
      if (IsOutage(status)) return status;
      if (status.ok()) continue;
      ++terms->failed;
      observe::LogWarning(
          "a term that is over was not ended",
          {{"resource", type_.pattern().Format(run_.region, id)}, {"status", status.ToString()}});
    }
    return absl::OkStatus();
  }

  resource::Engine& engine_;
  const EndingRun& run_;
  const Ending& ending_;
  const resource::Type& type_;
  const resource::Rows& rows_;
  const google::protobuf::MethodDescriptor* const rpc_;
  resource::Step step_;
};

}  // namespace

absl::StatusOr<std::map<std::string, absl::CivilDay>> RegionDays(resource::Engine& engine,
                                                                 const pg::TxOptions& options,
                                                                 absl::Time now,
                                                                 const std::string& region) {
  std::map<std::string, absl::CivilDay> days;
  auto status = engine.pool().Run(options, [&](pg::Tx& tx) -> absl::Status {
    auto rows = tx.Query(kSqlDays, absl::ToUnixSeconds(now), region);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      days[row[0].c_str()] = absl::CivilDay(1970, 1, 1) + row[1].as<int>();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return days;
}

absl::Status EndOverdue(resource::Engine& engine, const EndingRun& run, EndedTerms* terms) {
  for (const Ending& ending : Endings()) {
    if (auto s = Ender(engine, run, ending).Run(terms); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
