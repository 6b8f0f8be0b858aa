#include "services/diagnostics/instrument_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

using google::protobuf::util::MessageDifferencer;

// What an instrument says, without what the engine and the state machine keep.
v1::Instrument Content(v1::Instrument instrument) {
  instrument.clear_name();
  instrument.clear_state();
  instrument.clear_etag();
  instrument.clear_create_time();
  instrument.clear_update_time();
  instrument.clear_delete_time();
  return instrument;
}

void FillDefaults(v1::Thresholds& t) {
  if (t.mild_from_permille() == 0) t.set_mild_from_permille(500);
  if (t.moderate_from_permille() == 0) t.set_moderate_from_permille(666);
  if (t.severe_from_permille() == 0) t.set_severe_from_permille(833);
  if (t.strength_from_permille() == 0) t.set_strength_from_permille(500);
  if (t.required_answers_permille() == 0) t.set_required_answers_permille(800);
}

absl::Status Frozen(std::string_view what) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::DIAGNOSTICS_REASON_INSTRUMENT_FROZEN,
                    what);
}

// Gathers the faults of one instrument.
class Examination {
 public:
  explicit Examination(const v1::Instrument& instrument) : instrument_(instrument) {}

  absl::Status Run() {
    Scales();
    for (int i = 0; i < instrument_.groups_size(); ++i) Group(i);
    if (rows_ == 0) Fault("groups", "there is no row to answer", "нет ни одной строки для ответа");
    Thresholds();
    Levels();
    if (instrument_.stated_max_points() > 0 && instrument_.stated_max_points() != max_points_) {
      Fault("stated_max_points", resource::Cat("the rows give ", max_points_),
            resource::Cat("строки дают ", max_points_));
    }
    return faults_ == 0 ? absl::OkStatus() : error_.ToStatus();
  }

 private:
  void Fault(std::string_view path, std::string_view text, std::string_view text_ru) {
    if (++faults_ <= 50) error_.Field(path, text, text_ru);
  }

  void Scales() {
    for (int i = 0; i < instrument_.scales_size(); ++i) {
      const v1::Scale& scale = instrument_.scales(i);
      const std::string path = resource::Cat("scales[", i, "]");
      absl::flat_hash_set<std::string> codes;
      int most = 0;
      for (const auto& option : scale.options()) {
        most = std::max(most, option.points());
        if (option.code().empty() || !codes.insert(option.code()).second) {
          Fault(resource::Cat(path, ".options"), "an option's code is empty or repeats",
                "код варианта пуст или повторяется");
        }
        if (option.points() < 0 || option.points() > 1000) {
          Fault(resource::Cat(path, ".options"), "points must lie in 0..1000",
                "баллы должны лежать в пределах 0–1000");
        }
      }
      if (scale.options_size() < 2 || most == 0) {
        Fault(path, "a scale needs two options and points", "шкале нужны два варианта и баллы");
      }
      if (scale.code().empty() || !scales_.emplace(scale.code(), most).second) {
        Fault(path, "the scale's code is empty or repeats", "код шкалы пуст или повторяется");
      }
    }
  }

  void Group(int i) {
    const auto& group = instrument_.groups(i);
    for (int j = 0; j < group.items_size(); ++j) {
      Item(group.items(j), resource::Cat("groups[", i, "].items[", j, "]"), 0);
    }
  }

  void Item(const v1::Item& item, const std::string& path, int depth) {
    if (item.code().empty() || !items_.insert(item.code()).second) {
      Fault(path, "the row's code is empty or repeats", "код строки пуст или повторяется");
    }
    if (item.sub_items_size() > 0) {
      if (depth > 2)
        return Fault(path, "rows are nested too deeply", "строки вложены слишком глубоко");
      if (!item.scale().empty() || item.competency_codes_size() > 0) {
        Fault(path, "a heading has neither scale nor competency",
              "у заголовка не бывает шкалы и компетенции");
      }
      for (int k = 0; k < item.sub_items_size(); ++k) {
        Item(item.sub_items(k), resource::Cat(path, ".sub_items[", k, "]"), depth + 1);
      }
      return;
    }
    ++rows_;
    const auto scale = scales_.find(item.scale());
    if (scale == scales_.end()) Fault(path, "its scale does not exist", "нет такой шкалы");
    if (item.competency_codes_size() == 0) {
      Fault(path, "it measures no competency", "не указана измеряемая компетенция");
    }
    if (item.weight() < 0 || item.weight() > 1000) {
      Fault(path, "weight must lie in 0..1000", "вес должен лежать в пределах 0–1000");
    } else if (scale != scales_.end() && !item.excluded_from_total()) {
      max_points_ += scale->second * std::max(1, item.weight());
    }
  }

  void Thresholds() {
    const auto& t = instrument_.thresholds();
    const bool ascending =
        0 < t.mild_from_permille() && t.mild_from_permille() <= t.moderate_from_permille() &&
        t.moderate_from_permille() <= t.severe_from_permille() && t.severe_from_permille() <= 1000;
    const bool shares = t.strength_from_permille() > 0 && t.strength_from_permille() <= 1000 &&
                        t.required_answers_permille() > 0 && t.required_answers_permille() <= 1000;
    if (!ascending || !shares) {
      Fault("thresholds", "they must ascend within 1..1000",
            "пороги должны возрастать в пределах 1–1000");
    }
  }

  void Levels() {
    int next = 0;
    for (const auto& band : instrument_.levels()) {
      if (band.code().empty() || band.min_points() < next ||
          band.max_points() < band.min_points()) {
        Fault("levels", "bands must have codes and ascend without overlap",
              "уровням нужны коды и непересекающиеся возрастающие границы");
        return;
      }
      next = band.max_points() + 1;
    }
  }

  const v1::Instrument& instrument_;
  absl::flat_hash_map<std::string, int> scales_;  // code -> most points
  absl::flat_hash_set<std::string> items_;
  int rows_ = 0, max_points_ = 0, faults_ = 0;
  rpc::Error error_{absl::StatusCode::kInvalidArgument,
                    v1::DIAGNOSTICS_REASON_INSTRUMENT_INCONSISTENT,
                    "the instrument contradicts itself"};
};

absl::Status CheckNew(v1::Instrument* after) {
  if (after->state() == v1::Instrument::STATE_UNSPECIFIED) {
    after->set_state(v1::Instrument::STATE_DRAFT);
  }
  if (after->state() != v1::Instrument::STATE_DRAFT)
    return Frozen("an instrument begins as a draft");
  const std::string id = resource::Cat(after->family(), "-", after->edition());
  if (IdOf(after->name()) == id) return absl::OkStatus();
  return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                           "the id must be the family and the edition, joined by a hyphen",
                           "идентификатор составляется из семейства и редакции через дефис");
}

}  // namespace

absl::Status Move(InstrumentAction action, v1::Instrument& instrument) {
  const auto next = Next(kInstrumentTransitions, instrument.state(), action);
  if (!next) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE,
                      "the instrument's state does not allow this")
        .With("state", v1::Instrument::State_Name(instrument.state()));
  }
  instrument.set_state(*next);
  return absl::OkStatus();
}

absl::Status CheckInstrument(resource::Change change, const v1::Instrument* before,
                             v1::Instrument* after) {
  if (change == resource::Change::kCreate) {
    FillDefaults(*after->mutable_thresholds());
    return CheckNew(after);
  }
  if (change == resource::Change::kDelete || change == resource::Change::kUndelete) {
    return before->state() == v1::Instrument::STATE_DRAFT
               ? absl::OkStatus()
               : Frozen("a published instrument is retired, not deleted");
  }
  FillDefaults(*after->mutable_thresholds());
  if (before->state() != v1::Instrument::STATE_DRAFT &&
      !MessageDifferencer::Equals(Content(*before), Content(*after))) {
    return Frozen("a published instrument does not change");
  }
  if (before->state() == after->state()) return absl::OkStatus();
  if (!MayBecome(kInstrumentTransitions, before->state(), after->state())) {
    return Frozen("the instrument's state does not allow this");
  }
  return after->state() == v1::Instrument::STATE_PUBLISHED ? CheckConsistent(*after)
                                                           : absl::OkStatus();
}

absl::Status CheckConsistent(const v1::Instrument& instrument) {
  return Examination(instrument).Run();
}

}  // namespace rsnms::diagnostics
