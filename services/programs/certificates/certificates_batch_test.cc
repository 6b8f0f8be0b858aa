// Certificates for many at once: all or none, and batches beside each other.
#include <atomic>
#include <thread>

#include "services/programs/certificates/certificates_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using v1::Certificate;

class Batch : public CertificatesFixture {
 protected:
  static v1::BatchCreateCertificatesRequest Issuing(
      const std::vector<v1::Completion>& completions) {
    v1::BatchCreateCertificatesRequest request;
    request.set_parent(kRegion);
    for (const auto& completion : completions) {
      *request.add_certificates() = CertificatesFixture::Issuing(completion).certificate();
    }
    return request;
  }
  absl::StatusOr<v1::BatchCreateCertificatesResponse> Try(
      const v1::BatchCreateCertificatesRequest& request, rpc::Client* client = nullptr) {
    return Call<v1::BatchCreateCertificatesResponse>("BatchCreateCertificates", request, client);
  }
  // The reason and the field of the refusal, and that nothing was issued.
  void ExpectRefused(const v1::BatchCreateCertificatesRequest& request, const std::string& reason,
                     const std::string& field) {
    const std::string before = Value("SELECT count(*)::text FROM certificate");
    const auto status = Try(request).status();
    EXPECT_EQ(rpc::ReasonOf(status), reason) << status;
    EXPECT_THAT(FieldsOf(status), ElementsAre(field));
    EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), before);
  }
};

TEST_F(Batch, AGroupGetsItsDocumentsInOrderAndOnce) {
  std::vector<v1::Completion> completions;
  for (int n = 5; n > 0; --n) completions.push_back(Complete(n, Cat("ПК-", n)));
  auto request = Issuing(completions);
  request.set_request_id(resource::NewUuid());
  const auto issued = Try(request);
  ASSERT_TRUE(issued.ok()) << issued.status();
  ASSERT_EQ(issued->certificates_size(), 5);
  for (int i = 0; i < 5; ++i) {
    const Certificate& one = issued->certificates(i);
    EXPECT_EQ(one.completion(), completions[i].name());
    EXPECT_EQ(one.number(), Cat("ПК-", 5 - i));
    EXPECT_EQ(one.ground(), v1::CERTIFICATE_GROUND_FIRST);
    EXPECT_TRUE(*Verify(one.number(), one.verification_code()));
    EXPECT_EQ(Read(one.name()).SerializeAsString(), one.SerializeAsString());
  }
  const auto again = Try(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), issued->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), "5");
}

TEST_F(Batch, OneFaultIsNamedAndNothingIsIssued) {
  const auto one = Complete(1, "1"), two = Complete(2, "2"), three = Complete(3, "3");
  ExpectRefused(Issuing({one, two, one}), "CERTIFICATE_ALREADY_ISSUED",
                "certificates[2].completion");
  auto request = Issuing({one, two});
  request.mutable_certificates(1)->set_number("3");
  ExpectRefused(request, "CERTIFICATE_NUMBER_DIFFERS", "certificates[1].number");
  request = Issuing({one, two});
  *request.mutable_certificates(1)->mutable_issue_date() = D(2026, 3, 19);
  ExpectRefused(request, "OUT_OF_RANGE", "certificates[1].issue_date");
  request = Issuing({three, two});
  request.mutable_certificates(0)->set_completion(NameOf("61", "completions", Numbered(1)));
  EXPECT_FALSE(Try(request).ok());
  request.mutable_certificates(0)->set_completion(NameOf("86", "completions", Numbered(404)));
  ExpectRefused(request, "REFERENCE_NOT_FOUND", "certificates[0].completion");
  ExpectRefused(Issuing({}), "REQUIRED_FIELD_MISSING", "certificates");
  EXPECT_TRUE(Try(Issuing({one, two, three})).ok());
}

TEST_F(Batch, WhatTheServiceSaysIsNotTheCallers) {
  auto request = Issuing({Complete(1, "1")});
  Certificate* asked = request.mutable_certificates(0);
  asked->set_name(NameOf("86", "certificates", Numbered(1)));
  asked->set_state(Certificate::STATE_REVOKED);
  asked->set_verification_code("AAAA");
  asked->set_programme_title("Другая программа");
  const auto issued = Try(request);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->certificates(0).state(), Certificate::STATE_ISSUED);
  EXPECT_EQ(issued->certificates(0).programme_title(), "Практикум оценивания");
  EXPECT_NE(issued->certificates(0).name(), asked->name());
  auto stranger = service_->Connect({"administrator"}, {"regions/61"});
  EXPECT_EQ(Try(Issuing({Complete(2, "2")}), stranger.get()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Batch, RacingBatchesIssueEachDocumentOnceAndNeverWaitForEachOther) {
  std::vector<v1::Completion> completions;
  for (int n = 1; n <= 40; ++n) completions.push_back(Complete(n, Cat("ПК-", n)));
  std::atomic<int> won{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 8; ++t) {
    // Four batches without a common document, each asked for twice, once in the other order.
    std::vector<v1::Completion> mine;
    for (int i = t / 2; i < 40; i += 4) mine.push_back(completions[i]);
    if (t % 2 == 1) std::reverse(mine.begin(), mine.end());
    writers.emplace_back([&, request = Issuing(mine)] {
      const auto status = Try(request).status();
      if (status.ok()) ++won;
      if (!status.ok()) {
        EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_ALREADY_ISSUED") << status;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 4);
  EXPECT_EQ(Value("SELECT count(DISTINCT completion_id)::text FROM certificate"), "40");
  EXPECT_EQ(Value("SELECT count(*)::text FROM certificate"), "40");
}

}  // namespace
}  // namespace rsnms::programs
