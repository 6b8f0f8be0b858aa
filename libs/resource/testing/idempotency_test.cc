// request_id: the same request has one effect and one answer.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/request_log.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

using google::protobuf::util::MessageDifferencer;

TEST(Idempotency, RepeatedCreateAnswersTheFirstResource) {
  Museum m;
  const std::string id = NewUuid();
  auto first = m.Create(Specimen("x"), id);
  ASSERT_TRUE(first.ok()) << first.status();
  auto again = m.Create(Specimen("x"), id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *again)) << again->DebugString();
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "1");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "1");
}

TEST(Idempotency, RepeatedUpdateAnswersAsItDidThenThoughTheEtagIsStaleNow) {
  Museum m;
  auto s = *m.Create(Specimen("x"));
  const std::string id = NewUuid();
  s.set_title("y");
  auto first = m.Update(s, {"title"}, id);
  ASSERT_TRUE(first.ok()) << first.status();
  auto other = *first;
  other.set_title("z");
  ASSERT_TRUE(m.Update(other, {"title"}).ok());
  auto again = m.Update(s, {"title"}, id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *again)) << again->DebugString();
  EXPECT_EQ(m.Get(s.name())->title(), "z");
}

TEST(Idempotency, RepeatedDeleteAnswersTheSameDeleteTime) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  museum::DeleteSpecimenRequest request;
  request.set_name(s->name());
  request.set_request_id(NewUuid());
  auto first = m.Call<museum::Specimen>("DeleteSpecimen", request);
  auto again = m.Call<museum::Specimen>("DeleteSpecimen", request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *again));
}

TEST(Idempotency, UpdateThatChangedNothingIsRemembered) {
  Museum m;
  auto s = *m.Create(Specimen("x"));
  s.clear_etag();
  const std::string id = NewUuid();
  ASSERT_TRUE(m.Update(s, {"title"}, id).ok());
  auto other = s;
  other.set_title("y");
  ASSERT_TRUE(m.Update(other, {"title"}).ok());
  EXPECT_EQ(m.Update(s, {"title"}, id)->title(), "x");
  EXPECT_EQ(m.Get(s.name())->title(), "y");
}

TEST(Idempotency, RepeatedRequestPastRetentionIsANewOne) {
  Museum m;
  const std::string old = NewUuid(), recent = NewUuid();
  ASSERT_TRUE(m.Create(Specimen("old"), old).ok());
  ASSERT_TRUE(m.Create(Specimen("recent"), recent).ok());
  pg::TxOptions all;
  all.scopes = "*";
  auto forgotten = m.database->owner().Run(all, [&](pg::Tx& tx) -> absl::Status {
    auto aged = tx.Execute(
        "UPDATE request_log SET create_time = now() - interval '25 hours' WHERE request_id = $1",
        old);
    if (!aged.ok()) return aged.status();
    auto removed = ForgetRequests(tx, absl::Hours(24), 100);
    EXPECT_EQ(removed.value_or(-1), 1);
    return removed.status();
  });
  ASSERT_TRUE(forgotten.ok()) << forgotten;
  ASSERT_TRUE(m.Create(Specimen("recent"), recent).ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "2") << "the recent one is replayed";
  EXPECT_TRUE(m.Create(Specimen("new"), old).ok());
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "3") << "the forgotten one takes effect";
}

TEST(Idempotency, UsedIdWithAnotherBodyIsRefused) {
  Museum m;
  const std::string id = NewUuid();
  ASSERT_TRUE(m.Create(Specimen("x"), id).ok());
  EXPECT_EQ(rpc::ReasonOf(m.Create(Specimen("y"), id).status()), "REQUEST_ID_REUSED");
  EXPECT_TRUE(m.Create(Specimen("y"), id, Caller({"regions/86"}, "bob")).ok())
      << "ids of different callers never meet";
  museum::DeleteSpecimenRequest other;
  other.set_name("regions/86/specimens/" + NewUuid());
  other.set_request_id(id);
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("DeleteSpecimen", other).status()),
            "REQUEST_ID_REUSED");
}

TEST(Idempotency, MalformedIdIsRefused) {
  Museum m;
  EXPECT_EQ(rpc::ReasonOf(m.Create(Specimen("x"), "42").status()), "INVALID_REQUEST_ID");
}

TEST(Idempotency, FailedRequestMayBeRepeatedOnceItsCauseIsGone) {
  Museum m;
  auto s = Specimen("x");
  s.set_drawer("regions/86/drawers/a");
  const std::string id = NewUuid();
  EXPECT_FALSE(m.Create(s, id).ok());
  museum::CreateDrawerRequest drawer;
  drawer.set_parent("regions/86");
  drawer.set_drawer_id("a");
  drawer.mutable_drawer()->set_title("ящик");
  ASSERT_TRUE(m.Call<museum::Drawer>("CreateDrawer", drawer).ok());
  EXPECT_TRUE(m.Create(s, id).ok());
}

TEST(Idempotency, RacingRequestsWithOneIdHaveOneEffectAndOneAnswer) {
  Museum m;
  const std::string id = NewUuid();
  std::vector<std::string> names(16);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      auto s = m.Create(Specimen("x"), id);
      names[i] = s.ok() ? s->name() : s.status().ToString();
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1u) << names[0];
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "1");
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "1");
}

TEST(Idempotency, RacingUpdatesWithOneIdHaveOneEffectAndOneAnswer) {
  Museum m;
  auto s = *m.Create(Specimen("x"));
  s.set_title("y");
  const std::string id = NewUuid();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      auto updated = m.Update(s, {"title"}, id);
      if (updated.ok() && updated->etag() == "\"2\"") ++good;
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(good, 16);
  EXPECT_EQ(m.Value("SELECT count(*) FROM journal"), "2");
}

TEST(Idempotency, DomainMethodsAreReplayedToo) {
  Museum m;
  const auto s = m.Create(Specimen("x"));
  museum::GradeSpecimenRequest request;
  request.set_name(s->name());
  request.set_state("GRADED");
  request.set_reason("осмотр");
  request.set_request_id(NewUuid());
  const auto grade = [&](museum::Specimen* response) {
    const auto call = rpc::LocalCall(Caller({"regions/86"}), Museum::Deadline());
    return m.engine->Write<museum::Specimen>(
        *call, request,
        [&](pg::Tx&, museum::Specimen& specimen) -> absl::Status {
          if (specimen.state() == "GRADED") return absl::FailedPreconditionError("graded");
          specimen.set_state(request.state());
          return absl::OkStatus();
        },
        response);
  };
  museum::Specimen first, again;
  ASSERT_TRUE(grade(&first).ok());
  EXPECT_EQ(first.state(), "GRADED");
  ASSERT_TRUE(grade(&again).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(first, again));
  EXPECT_EQ(m.Value("SELECT actor || ' ' || reason FROM journal WHERE version = 2"),
            "alice осмотр");
  request.set_request_id("");
  EXPECT_TRUE(absl::IsFailedPrecondition(grade(&again)));
  request.set_etag("\"1\"");
  EXPECT_TRUE(absl::IsAborted(grade(&again)));
}

TEST(Idempotency, TransactionsOfManyRowsAreReplayedToo) {
  Museum m;
  museum::SortSpecimensRequest request;
  request.set_parent("regions/86");
  request.set_count(3);
  request.set_request_id(NewUuid());
  const auto sort = [&](museum::SortSpecimensResponse* response) {
    const auto call = rpc::LocalCall(Caller({"regions/86"}), Museum::Deadline());
    return m.engine->Transact(*call, request, response, [&](pg::Tx& tx) -> absl::Status {
      Table<museum::Specimen> table(*m.engine);
      for (int i = 0; i < request.count(); ++i) {
        auto s = Specimen("x");
        s.set_name("regions/86");
        if (auto status = table.Insert(tx, AuthorOf(*call, request), s); !status.ok()) {
          return status;
        }
      }
      response->set_moved_count(request.count());
      return absl::OkStatus();
    });
  };
  museum::SortSpecimensResponse first, again;
  ASSERT_TRUE(sort(&first).ok());
  ASSERT_TRUE(sort(&again).ok());
  EXPECT_EQ(again.moved_count(), 3);
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "3");
  request.set_count(4);
  EXPECT_EQ(rpc::ReasonOf(sort(&again)), "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace rsnms::resource
