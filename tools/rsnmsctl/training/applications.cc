// Groups of late autumn that people apply for by themselves: one has more applicants than seats, so
// some wait, and somebody who gives up lets the first of them in; one has seats for everybody.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;

constexpr int kSeats = 4, kFreeSeats = 40;
constexpr size_t kApplicants = 7;

// The institute's programmes beside the register for pedagogues, by title; at most two.
std::vector<const v1::Programme*> OnOffer(const Programmes& programmes) {
  std::vector<const v1::Programme*> own;
  for (const auto& [name, p] : programmes) {
    if (!p.provider().empty() && p.federal_register_number().empty() && p.for_pedagogues()) {
      own.push_back(&p);
    }
  }
  std::sort(own.begin(), own.end(),
            [](const auto* a, const auto* b) { return a->title() > b->title(); });
  if (own.size() > 2) own.resize(2);
  return own;
}

Acts Open(const Desk& desk, const v1::Programme& programme, const std::string& name, int seats) {
  const int year = desk.options().year;
  return {{"Training/CreateGroup",
           Creation(desk, "group", name,
                    absl::StrCat(Text("programme", programme.name()),
                                 Text("provider", programme.provider()),
                                 Text("code", absl::StrCat("ПК-", year, "-С", seats)),
                                 "form: STUDY_FORM_PART_TIME seats: ", seats, " ",
                                 On("start_date", year, 12, 1), On("end_date", year, 12, 25)))},
          {"Training/OpenGroup", Text("name", name)}};
}

// One application; its name, or nothing when the person learns, or learned, the programme.
absl::StatusOr<std::string> Apply(const Desk& desk, const std::string& group,
                                  const std::string& programme, const Somebody& who) {
  const auto enrolment = desk.Ask<v1::Enrolment>(
      "Training/EnrolInGroup",
      absl::StrCat(Text("parent", desk.parent()), Text("group", group), "enrolment { ", WhoIs(who),
                   Text("programme", programme),
                   "category: LEARNER_CATEGORY_PEDAGOGUE basis: ENROLMENT_BASIS_OWN_INITIATIVE }"));
  if (absl::IsAlreadyExists(enrolment.status())) return std::string();
  if (!enrolment.ok()) return enrolment.status();
  return enrolment->name();
}

}  // namespace

absl::Status TakeApplications(const Desk& desk, const Programmes& programmes, const Roll& roll) {
  const auto own = OnOffer(programmes);
  if (own.size() < 2) return absl::OkStatus();
  const std::string full = desk.NameOf("groups", "applications"),
                    empty = desk.NameOf("groups", "free seats");
  if (auto s =
          desk.PlayAll({Open(desk, *own[0], full, kSeats), Open(desk, *own[1], empty, kFreeSeats)});
      !s.ok()) {
    return s;
  }
  absl::flat_hash_set<std::string> known;
  for (const auto& [name, e] : roll.enrolments()) {
    if (e.programme() == own[0]->name()) known.insert(e.person());
  }
  std::vector<Somebody> people = LearnersOf(roll);
  std::reverse(people.begin(), people.end());
  // Who asked before does not ask again, whatever became of it since.
  size_t applied = 0;
  std::string gives_up;
  for (const auto& [name, e] : roll.enrolments()) applied += e.group() == full;
  for (const Somebody& who : people) {
    if (applied >= kApplicants) break;
    if (known.contains(who.person)) continue;
    const auto name = Apply(desk, full, own[0]->name(), who);
    if (!name.ok()) return name.status();
    if (name->empty()) continue;
    if (++applied == 2) gives_up = *name;
  }
  if (gives_up.empty()) return absl::OkStatus();
  const int year = desk.options().year;
  return desk.Do({"Programs/WithdrawEnrolment",
                  absl::StrCat(Text("name", gives_up), Text("reason", "Заявление слушателя"),
                               On("state_date", year, 9, 1))});
}

}  // namespace rsnms::ctl
