// Grounds of lines somebody writes, judged by the region's rules.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_GROUNDS_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_GROUNDS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "rsnms/programs/v1/training_rules.pb.h"

namespace rsnms::programs {

// Of one write and one region; the rules of a day are read once.
class Grounds {
 public:
  Grounds(const resource::Engine& engine, pg::Tx& tx, std::string_view region,
          absl::CivilDay latest)
      : engine_(engine), tx_(tx), region_(region), latest_(latest) {}

  // Judges the ground (ground_rules::Check) and sets the term it has.
  absl::Status Complete(std::string_view path, v1::OrderLine* line);

 private:
  const resource::Engine& engine_;
  pg::Tx& tx_;
  const std::string region_;
  const absl::CivilDay latest_;
  std::map<absl::CivilDay, v1::TrainingRules> rules_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_GROUNDS_H_
