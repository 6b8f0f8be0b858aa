#include "services/monitoring/passport_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"

namespace rsnms::monitoring {

namespace {

using google::protobuf::util::MessageDifferencer;
using v1::Passport;

constexpr char kNotFilled[] = "Не заполнено.";

// The whole life of a passport.
constexpr std::pair<Passport::State, Passport::State> kTransitions[] = {
    {Passport::STATE_DRAFT, Passport::STATE_ON_APPROVAL},     // RequestPassportApproval
    {Passport::STATE_ON_APPROVAL, Passport::STATE_DRAFT},     // RejectPassport
    {Passport::STATE_ON_APPROVAL, Passport::STATE_APPROVED},  // ApprovePassport
    {Passport::STATE_APPROVED, Passport::STATE_SUBMITTED},    // SubmitPassport: no decision yet
    {Passport::STATE_APPROVED, Passport::STATE_ACCEPTED},     // SubmitPassport: decided at once
    {Passport::STATE_APPROVED, Passport::STATE_RETURNED},     // SubmitPassport: decided at once
    {Passport::STATE_SUBMITTED, Passport::STATE_ACCEPTED},    // RefreshPassportReceipt
    {Passport::STATE_SUBMITTED, Passport::STATE_RETURNED},    // RefreshPassportReceipt
    {Passport::STATE_RETURNED, Passport::STATE_DRAFT},        // RevisePassport
};

absl::Status BadTransition(Passport::State from, const std::string& to) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::MONITORING_REASON_PASSPORT_TRANSITION,
                    absl::StrCat("a passport in ", Passport::State_Name(from), " cannot ", to))
      .With("state", Passport::State_Name(from));
}

absl::Status BadField(const std::string& field_id, const std::string& what,
                      const std::string& what_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::MONITORING_REASON_PASSPORT_FIELD,
                    absl::StrCat("entry '", field_id, "' ", what))
      .Field("manual_entries", what, what_ru)
      .With("field_id", field_id);
}

bool IsDecimal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t point = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 30 &&
           std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  return digits(text.substr(0, point)) &&
         (point == std::string_view::npos || digits(text.substr(point + 1)));
}

absl::Status CheckEntry(const v1::PassportEntry& entry) {
  const int set = !entry.value().empty() + !entry.text().empty() + !entry.no_data_reason().empty();
  if (set != 1) {
    return BadField(entry.field_id(), "must have exactly one of value, text, no_data_reason",
                    "Укажите одно: число, текст или причину отсутствия данных");
  }
  if (!entry.value().empty() && !IsDecimal(entry.value())) {
    return BadField(entry.field_id(), "has a value that is not a decimal",
                    "Значение должно быть числом");
  }
  return absl::OkStatus();
}

template <class Fn>
void EachField(v1::Passport& passport, Fn fn) {
  for (auto& block : *passport.mutable_blocks()) {
    for (auto& field : *block.mutable_fields()) fn(block, field);
  }
}

bool SameEntries(const Passport& a, const Passport& b) {
  return std::equal(a.manual_entries().begin(), a.manual_entries().end(),
                    b.manual_entries().begin(), b.manual_entries().end(),
                    [](const auto& x, const auto& y) { return MessageDifferencer::Equals(x, y); });
}

std::string Shown(const v1::PassportField& field) {
  if (!field.value().empty()) return field.value();
  if (!field.text().empty()) return field.text();
  return absl::StrCat("нет данных: ", field.no_data_reason());
}

// What is frozen once approved: everything the canonical bytes speak of.
bool SameContent(const Passport& a, const Passport& b) {
  return SameEntries(a, b) && Differences(a, b).empty() && a.revision() == b.revision();
}

}  // namespace

bool MayPass(Passport::State from, Passport::State to) {
  return std::find(std::begin(kTransitions), std::end(kTransitions), std::pair(from, to)) !=
         std::end(kTransitions);
}

absl::Status Pass(Passport& passport, Passport::State to) {
  if (!MayPass(passport.state(), to)) {
    return BadTransition(passport.state(), absl::StrCat("become ", Passport::State_Name(to)));
  }
  passport.set_state(to);
  return absl::OkStatus();
}

absl::Status CheckPassport(resource::Change change, const Passport* before, Passport* after) {
  if (change == resource::Change::kCreate) {
    if (after->state() != Passport::STATE_DRAFT) return BadTransition(after->state(), "be created");
    return FillManualFields(*after);
  }
  if (change != resource::Change::kUpdate) {
    return before->state() == Passport::STATE_DRAFT ? absl::OkStatus()
                                                    : BadTransition(before->state(), "be deleted");
  }
  if (before->state() != after->state() && !MayPass(before->state(), after->state())) {
    return BadTransition(before->state(),
                         absl::StrCat("become ", Passport::State_Name(after->state())));
  }
  const bool draft = after->state() == Passport::STATE_DRAFT;
  if (draft) return FillManualFields(*after);
  return SameContent(*before, *after) ? absl::OkStatus()
                                      : BadTransition(before->state(), "be changed");
}

absl::Status FillManualFields(Passport& passport) {
  absl::flat_hash_map<std::string, const v1::PassportEntry*> entries;
  for (const auto& entry : passport.manual_entries()) {
    if (auto status = CheckEntry(entry); !status.ok()) return status;
    if (!entries.emplace(entry.field_id(), &entry).second) {
      return BadField(entry.field_id(), "is repeated", "Поле указано дважды");
    }
  }
  EachField(passport, [&](const v1::PassportBlock&, v1::PassportField& field) {
    if (field.origin() != v1::PASSPORT_FIELD_ORIGIN_MANUAL) return;
    auto found = entries.find(field.id());
    field.set_value(found == entries.end() ? "" : found->second->value());
    field.set_text(found == entries.end() ? "" : found->second->text());
    field.set_no_data_reason(found == entries.end() ? kNotFilled : found->second->no_data_reason());
    if (found != entries.end()) entries.erase(found);
  });
  if (entries.empty()) return absl::OkStatus();
  return BadField(entries.begin()->first, "names no manual field of the form",
                  "Такого поля для ручного заполнения в форме нет");
}

absl::Status TakeReceipt(Passport& passport, const federal::v1::PassportReceipt& receipt) {
  if (receipt.sha256() != passport.sha256() ||
      (!receipt.passport().empty() && receipt.passport() != passport.name())) {
    return rpc::Error(absl::StatusCode::kDataLoss, v1::MONITORING_REASON_RECEIPT_MISMATCH,
                      "the operator's receipt speaks of another passport")
        .With("sent", passport.sha256())
        .With("received", receipt.sha256());
  }
  const bool returned = receipt.state() == federal::v1::RECEIPT_STATE_RETURNED;
  const auto to = receipt.state() == federal::v1::RECEIPT_STATE_ACCEPTED ? Passport::STATE_ACCEPTED
                  : returned                                             ? Passport::STATE_RETURNED
                             : Passport::STATE_SUBMITTED;
  if (to != passport.state()) {
    if (auto status = Pass(passport, to); !status.ok()) return status;
  }
  auto& kept = *passport.mutable_receipt();
  kept.Clear();
  kept.set_receipt(receipt.name());
  kept.set_receipt_number(receipt.receipt_number());
  kept.set_sha256(receipt.sha256());
  *kept.mutable_receive_time() = receipt.receive_time();
  kept.set_verified_signature_count(receipt.verified_signature_count());
  for (const auto& item : receipt.items()) {
    if (item.state() != federal::v1::RECEIPT_STATE_RETURNED) continue;
    bool placed = false;
    EachField(passport, [&](const v1::PassportBlock& block, v1::PassportField& field) {
      if (block.kind() != item.block_number() || field.id() != item.item_code()) return;
      field.set_remark(item.remark_ru());
      placed = true;
    });
    if (placed) continue;
    auto& remark = *kept.add_remarks();
    if (v1::PassportBlockKind_IsValid(item.block_number())) {
      remark.set_block(static_cast<v1::PassportBlockKind>(item.block_number()));
    }
    remark.set_item_code(item.item_code());
    remark.set_remark_code(item.remark_code());
    remark.set_text(item.remark_ru());
  }
  passport.set_return_reason(returned ? "Возвращён федеральным оператором с замечаниями." : "");
  return absl::OkStatus();
}

std::vector<v1::PassportDifference> Differences(const Passport& before, const Passport& after) {
  absl::flat_hash_map<std::string, const v1::PassportField*> fields;
  for (const auto& block : after.blocks()) {
    for (const auto& field : block.fields()) fields[field.id()] = &field;
  }
  std::vector<v1::PassportDifference> differences;
  auto differ = [&](const v1::PassportField& named, std::string was, std::string is) {
    if (was == is) return;
    auto& difference = differences.emplace_back();
    difference.set_field_id(named.id());
    difference.set_title(named.title());
    difference.set_before(std::move(was));
    difference.set_after(std::move(is));
  };
  for (const auto& block : before.blocks()) {
    for (const auto& field : block.fields()) {
      auto found = fields.find(field.id());
      differ(field, Shown(field), found == fields.end() ? "" : Shown(*found->second));
      if (found != fields.end()) fields.erase(found);
    }
  }
  for (const auto& block : after.blocks()) {
    for (const auto& field : block.fields()) {
      if (fields.contains(field.id())) differ(field, "", Shown(field));
    }
  }
  return differences;
}

}  // namespace rsnms::monitoring
