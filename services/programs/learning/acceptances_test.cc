// What became of learning in practice: seen by another, accepted by another.
#include "services/programs/learning/learning_fixture.h"

namespace rsnms::programs {
namespace {

using A = v1::PracticeAcceptance;

class Acceptances : public LearningFixture {
 protected:
  absl::StatusOr<A> Show(const std::string& subject, const std::string& more = "", int person = 1,
                         int observer = 2) {
    return ShowAs(*admin_, Cat(Learner(person), "form: PRACTICE_FORM_OPEN_LESSON title: 'Урок' ",
                               "shown_date ", Day(4, 1), " observer: '", Person(observer), "' ",
                               subject, " ", more));
  }
  absl::StatusOr<A> ShowAs(rpc::Client& client, const std::string& text) {
    return Ask<A>(client, "CreatePracticeAcceptance",
                  Cat("parent: 'regions/86' practice_acceptance {", text, "}"));
  }
  static std::string OfRecord(const std::string& record) {
    return Cat("learning_record: '", record, "'");
  }
  std::string Submitted(const std::string& subject) {
    const std::string name = Need(Show(subject, "evidence: 'Класс работает по критериям'")).name();
    Need(Do<A>("SubmitPracticeAcceptance", name));
    return name;
  }
};

TEST_F(Acceptances, WhatWasLearnedIsThePersonsAndAccepted) {
  const std::string reported = Reported(Plain(
      "SELF_STUDY", 1, Cat("route: '", NameOf("86", "routes", Uuid(5)), "' route_item_id: '3'")));
  EXPECT_REASON(Show(OfRecord(reported)), "LEARNING_NOT_ACCEPTED");
  EXPECT_REASON(Show(OfRecord(NameOf("86", "learningRecords", Uuid(1)))), "REFERENCE_NOT_FOUND");
  EXPECT_REASON(Show(""), "SUBJECT_REQUIRED");
  Need(Do("AcceptLearningRecord", reported, OnDay(3, 10)));
  EXPECT_REASON(Show(OfRecord(reported), "", 5), "SUBJECT_MISMATCH");
  EXPECT_REASON(Show(OfRecord(reported), "", 1, 1), "SUPERVISOR_IS_LEARNER");
  const auto made = Need(Show(OfRecord(reported)));
  EXPECT_EQ(made.route_item_id(), "3");
  EXPECT_EQ(made.learned_date().day(), 6);
  EXPECT_REASON(Do("DeleteLearningRecord", reported), "LEARNING_FROZEN");
}

TEST_F(Acceptances, ItIsShownAfterItWasLearnedAndDecidedAfterItWasShown) {
  const std::string record = Accepted(Plain("SELF_STUDY"));
  const auto made = Need(Show(OfRecord(record)));
  EXPECT_REASON(Do<A>("SubmitPracticeAcceptance", made.name()), "EVIDENCE_REQUIRED");
  const auto change = [&](const std::string& fields, const std::string& paths) {
    return Ask<A>(*admin_, "UpdatePracticeAcceptance",
                  Cat("practice_acceptance {name: '", made.name(), "' ", fields,
                      "} update_mask {paths: '", paths, "'}"));
  };
  EXPECT_REASON(change(Cat("shown_date ", Day(3, 5)), "shown_date"), "OUT_OF_RANGE");
  Need(change("evidence_url: 'https://a.ru/urok'", "evidence_url"));
  Need(change(Cat("shown_date ", Day(6, 20)), "shown_date"));
  EXPECT_REASON(Do<A>("SubmitPracticeAcceptance", made.name()), "OUT_OF_RANGE");
  Need(change(Cat("shown_date ", Day(4, 1)), "shown_date"));
  Need(Do<A>("SubmitPracticeAcceptance", made.name()));
  EXPECT_REASON(change("title: 'Другое'", "title"), "LEARNING_FROZEN");
  EXPECT_REASON(Do<A>("AcceptPracticeAcceptance", made.name(), OnDay(3, 31)), "OUT_OF_RANGE");
  Need(Do<A>("ReturnPracticeAcceptance", made.name(), "state_reason: 'нет анализа'"));
  Need(change("title: 'Другое'", "title"));
  EXPECT_EQ(Need(Do<A>("SubmitPracticeAcceptance", made.name())).state_reason(), "");
  EXPECT_EQ(Need(Do<A>("AcceptPracticeAcceptance", made.name(), OnDay(4, 2))).state(),
            A::STATE_ACCEPTED);
}

TEST_F(Acceptances, TheObserverDecidesAndTheLearnerNever) {
  const std::string name = Submitted(OfRecord(Accepted(Plain("SELF_STUDY"))));
  const std::string accept = Cat("name: '", name, "' ", OnDay(4, 2));
  auto head = service_->Connect({"organisation"}, {Body(7), Person(1)});
  EXPECT_REASON(Ask<A>(*head, "AcceptPracticeAcceptance", accept), "SELF_ACCEPTANCE");
  auto foreign = service_->Connect({"organisation"}, {Body(9)});
  EXPECT_EQ(Ask<A>(*foreign, "AcceptPracticeAcceptance", accept).status().code(),
            absl::StatusCode::kNotFound);
  auto observer = service_->Connect({"methodologist"}, {Person(2)});
  EXPECT_EQ(Ask<A>(*observer, "WithdrawPracticeAcceptance",
                   Cat("name: '", name, "' state_reason: 'ошибка'"))
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied)
      << "who saw it decides, and takes nothing back";
  EXPECT_EQ(Need(Ask<A>(*observer, "AcceptPracticeAcceptance", accept)).state(), A::STATE_ACCEPTED);
}

TEST_F(Acceptances, ALearnerShowsTheirOwnAndNobodyElses) {
  const std::string record = Accepted(Plain("SELF_STUDY"));
  auto learner = service_->Connect({"educator"}, {Person(1)});
  auto other = service_->Connect({"educator"}, {Person(5)});
  const std::string text =
      Cat(Learner(1), "form: PRACTICE_FORM_MASTER_CLASS title: 'Мастер-класс' shown_date ",
          Day(4, 1), " observer: '", Person(2), "' ", OfRecord(record));
  EXPECT_REASON(ShowAs(*other, text), "REFERENCE_NOT_FOUND");
  auto body = service_->Connect({"organisation"}, {Body(9)});
  const std::string theirs = Cat("person: '", Person(1), "' organisation: '", Body(9),
                                 "' form: PRACTICE_FORM_MASTER_CLASS title: 'Мастер-класс' "
                                 "shown_date ",
                                 Day(4, 1), " observer: '", Person(2), "' ", OfRecord(record));
  EXPECT_REASON(ShowAs(*body, theirs), "REFERENCE_NOT_FOUND")
      << "what another body's people learned is told to nobody else";
  const std::string name = Need(ShowAs(*learner, text)).name();
  EXPECT_EQ(Ask<A>(*other, "GetPracticeAcceptance", Cat("name: '", name, "'")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask<A>(*learner, "AcceptPracticeAcceptance", Cat("name: '", name, "' ", OnDay(4, 2)))
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace rsnms::programs
