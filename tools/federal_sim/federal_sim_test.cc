#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/auth/verifier.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "tools/federal_sim/register_data.h"
#include "tools/federal_sim/sim.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::PassportReceipt;

// The bearer's token is their scope.
class ScopeIsToken : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(
      std::string_view authorization) const override {
    auth::Identity identity = auth::Identity::System("test");
    identity.scopes = {std::string(authorization.substr(std::string_view("Bearer ").size()))};
    return std::make_shared<const auth::Identity>(std::move(identity));
  }
};

std::string Sha256Hex(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), sizeof(digest)));
}

federal::v1::SubmitPassportRequest Passport(const std::string& payload) {
  federal::v1::SubmitPassportRequest request;
  request.set_parent("regions/86");
  auto& envelope = *request.mutable_envelope();
  envelope.set_region_code("86");
  envelope.set_period("2026");
  envelope.set_format_version("rsnms-passport/1");
  envelope.set_payload(payload);
  envelope.set_sha256(Sha256Hex(payload));
  for (int number = 1; number <= 7; ++number) envelope.add_blocks()->set_number(number);
  return request;
}

class FederalSim : public ::testing::Test {
 protected:
  void SetUp() override { Start(""); }

  void Start(const std::string& state_file) {
    SimOptions options;
    options.programmes = 20;
    options.state_file = state_file;
    sim_.reset();
    auto sim = Sim::Start(options, &verifier_);
    ASSERT_TRUE(sim.ok()) << sim.status();
    sim_ = *std::move(sim);
  }

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const std::string& scope = "regions/86") {
    rpc::ClientOptions options;
    options.target = absl::StrCat("127.0.0.1:", sim_->server().port());
    options.token = [scope] { return scope; };
    return rpc::Client::Create(options)->Unary("rsnms.federal.v1." + method, request, response,
                                               absl::Now() + absl::Seconds(10), false);
  }

  absl::StatusOr<PassportReceipt> Submit(const federal::v1::SubmitPassportRequest& request,
                                         const std::string& scope = "regions/86") {
    PassportReceipt receipt;
    auto status = Call("PassportExchange/SubmitPassport", request, &receipt, scope);
    if (!status.ok()) return status;
    return receipt;
  }

  ScopeIsToken verifier_;
  std::unique_ptr<Sim> sim_;
};

TEST(RegisterData, TheSameSeedGivesTheSameRegister) {
  const auto one = GenerateRegister(50, 3), two = GenerateRegister(50, 3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(one[i].SerializeAsString(), two[i].SerializeAsString());
  EXPECT_NE(one[3].SerializeAsString(), GenerateRegister(50, 4)[3].SerializeAsString());
}

TEST(RegisterData, TitlesOfOneProviderAreUnique) {
  std::set<std::string> titles;
  for (const auto& programme : GenerateRegister(2000, 1)) {
    EXPECT_TRUE(titles.insert(programme.provider().inn() + programme.title()).second)
        << programme.title();
  }
}

TEST(RegisterData, CompetenciesAreThoseOfTheCatalogueOfDiagnostics) {
  std::ifstream file("services/diagnostics/catalogue/competencies.textproto");
  ASSERT_TRUE(file) << "run from the root of the tree";
  std::stringstream text;
  text << file.rdbuf();
  const std::string catalogue = text.str();
  std::set<std::string> missing;
  for (const auto& programme : GenerateRegister(200, 1)) {
    for (const auto& coverage : programme.competencies()) {
      if (catalogue.find("/competencies/" + coverage.competency_code() + "\"") ==
          std::string::npos) {
        missing.insert(coverage.competency_code());
      }
    }
  }
  EXPECT_EQ(missing, std::set<std::string>{});
}

TEST(RegisterData, TheInstituteOfYugraHasProgrammesOnQualityManagement) {
  int of_institute = 0, on_quality = 0;
  for (const auto& programme : GenerateRegister(600, 1)) {
    of_institute += programme.provider().inn() == kInstituteInn;
    for (const auto& topic : programme.topic_codes()) {
      on_quality += topic == "education-quality-management";
    }
  }
  EXPECT_GT(of_institute, 150);
  EXPECT_GT(on_quality, 10);
}

TEST_F(FederalSim, AWalkShowsEveryEntryOnce) {
  federal::v1::ListProgrammesRequest request;
  request.set_page_size(6);
  std::set<std::string> numbers;
  federal::v1::ListProgrammesResponse page;
  int pages = 0;
  do {
    page.Clear();
    ASSERT_TRUE(Call("ProgrammeRegister/ListProgrammes", request, &page).ok());
    EXPECT_EQ(page.total_size(), 20);
    for (const auto& programme : page.programmes()) numbers.insert(programme.register_number());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!page.next_page_token().empty());
  EXPECT_EQ(numbers.size(), 20u);
  EXPECT_EQ(pages, 4);
}

TEST_F(FederalSim, AChangedRegisterExpiresTheWalk) {
  federal::v1::ListProgrammesRequest request;
  request.set_page_size(6);
  federal::v1::ListProgrammesResponse page;
  ASSERT_TRUE(Call("ProgrammeRegister/ListProgrammes", request, &page).ok());
  sim_->programme_register().Withdraw("DPP-000001");
  request.set_page_token(page.next_page_token());
  EXPECT_EQ(rpc::ReasonOf(Call("ProgrammeRegister/ListProgrammes", request, &page)),
            "SNAPSHOT_EXPIRED");
  request.set_page_token("rubbish");
  EXPECT_EQ(rpc::ReasonOf(Call("ProgrammeRegister/ListProgrammes", request, &page)),
            "INVALID_PAGE_TOKEN");
}

TEST_F(FederalSim, APassportIsAcceptedBlockByBlock) {
  auto receipt = Submit(Passport("паспорт"));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->state(), federal::v1::RECEIPT_STATE_ACCEPTED);
  EXPECT_EQ(receipt->items_size(), 7);
  EXPECT_EQ(receipt->sha256(), Sha256Hex("паспорт"));
  federal::v1::GetPassportReceiptRequest get;
  get.set_name(receipt->name());
  PassportReceipt read;
  ASSERT_TRUE(Call("PassportExchange/GetPassportReceipt", get, &read).ok());
  EXPECT_EQ(read.SerializeAsString(), receipt->SerializeAsString());
}

TEST_F(FederalSim, TheSamePassportGetsTheSameReceiptAndAnotherFindsThePeriodClosed) {
  auto request = Passport("паспорт");
  request.set_request_id("01900000-0000-7000-8000-000000000001");
  const auto first = Submit(request);
  EXPECT_EQ(Submit(request)->name(), first->name());
  EXPECT_EQ(Submit(Passport("паспорт"))->name(), first->name());
  EXPECT_EQ(rpc::ReasonOf(Submit(Passport("другой")).status()), "PERIOD_CLOSED");
  auto reused = Passport("другой");
  reused.set_request_id(request.request_id());
  EXPECT_EQ(rpc::ReasonOf(Submit(reused).status()), "REQUEST_ID_REUSED");
}

TEST_F(FederalSim, ALostAnswerIsFoundByTheSameRequestId) {
  auto request = Passport("паспорт");
  request.set_request_id("01900000-0000-7000-8000-000000000001");
  sim_->passports().LoseAnswers(1);
  EXPECT_EQ(Submit(request).status().code(), absl::StatusCode::kUnavailable);
  const auto receipt = Submit(request);
  ASSERT_TRUE(receipt.ok());
  federal::v1::ListPassportReceiptsRequest list;
  list.set_parent("regions/86");
  federal::v1::ListPassportReceiptsResponse all;
  ASSERT_TRUE(Call("PassportExchange/ListPassportReceipts", list, &all).ok());
  EXPECT_EQ(all.passport_receipts_size(), 1);
}

TEST_F(FederalSim, AReturnedPassportNamesItsRemarksAndMayBeSentAgain) {
  sim_->passports().SetRemarks({{3, "", "INCOMPLETE", "Укажите площадки"},
                                {4, "funding.total", "MISMATCH", "Суммы не сходятся"}});
  auto receipt = Submit(Passport("паспорт"));
  ASSERT_TRUE(receipt.ok());
  EXPECT_EQ(receipt->state(), federal::v1::RECEIPT_STATE_RETURNED);
  EXPECT_EQ(receipt->items_size(), 8);
  EXPECT_EQ(receipt->items(2).remark_code(), "INCOMPLETE");
  EXPECT_EQ(receipt->items(4).item_code(), "funding.total");
  sim_->passports().SetRemarks({});
  EXPECT_EQ(Submit(Passport("исправленный"))->state(), federal::v1::RECEIPT_STATE_ACCEPTED);
}

TEST_F(FederalSim, WrongHashFormatPeriodOrRegionIsRefused) {
  auto wrong = Passport("паспорт");
  wrong.mutable_envelope()->set_payload("подменённый");
  EXPECT_EQ(rpc::ReasonOf(Submit(wrong).status()), "HASH_MISMATCH");
  wrong = Passport("паспорт");
  wrong.mutable_envelope()->set_format_version("word/97");
  EXPECT_EQ(rpc::ReasonOf(Submit(wrong).status()), "FORMAT_NOT_SUPPORTED");
  for (const char* period : {"", "26", "2026-H3", "2026-Q5", "2026-Q0", "2026/H1"}) {
    wrong = Passport("паспорт");
    wrong.mutable_envelope()->set_period(period);
    EXPECT_EQ(Submit(wrong).status().code(), absl::StatusCode::kInvalidArgument) << period;
  }
  wrong = Passport("паспорт");
  wrong.set_parent("regions/61");
  EXPECT_EQ(Submit(wrong, "*").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FederalSim, AnotherRegionNeitherSubmitsNorReads) {
  const auto receipt = Submit(Passport("паспорт"));
  ASSERT_TRUE(receipt.ok());
  EXPECT_FALSE(Submit(Passport("паспорт"), "regions/61").ok());
  EXPECT_FALSE(Submit(Passport("паспорт"), "regions/86/persons/x").ok());
  federal::v1::GetPassportReceiptRequest get;
  get.set_name(receipt->name());
  PassportReceipt read;
  EXPECT_EQ(Call("PassportExchange/GetPassportReceipt", get, &read, "regions/61").code(),
            absl::StatusCode::kNotFound);
}

TEST_F(FederalSim, ASignatureGivenMustVerify) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  ASSERT_NE(key, nullptr);
  unsigned char* der = nullptr;
  const int der_size = i2d_PUBKEY(key, &der);
  auto request = Passport("паспорт");
  auto& signature = *request.mutable_envelope()->add_signatures();
  signature.set_algorithm(federal::v1::SIGNATURE_ALGORITHM_ED25519);
  signature.set_public_key(der, der_size);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
  std::string value(64, '\0');
  size_t size = value.size();
  const std::string& payload = request.envelope().payload();
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(value.data()), &size,
                 reinterpret_cast<const unsigned char*>(payload.data()), payload.size());
  signature.set_value(value);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  OPENSSL_free(der);
  auto forged = request;
  (*forged.mutable_envelope()->mutable_signatures(0)->mutable_value())[5] ^= 1;
  EXPECT_EQ(rpc::ReasonOf(Submit(forged).status()), "SIGNATURE_INVALID");
  forged = request;
  forged.mutable_envelope()->mutable_signatures(0)->set_algorithm(
      federal::v1::SIGNATURE_ALGORITHM_ECDSA_P256_SHA256);
  EXPECT_EQ(rpc::ReasonOf(Submit(forged).status()), "SIGNATURE_INVALID");
  const auto receipt = Submit(request);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->verified_signature_count(), 1);
}

TEST_F(FederalSim, ReceiptsOutliveTheProcess) {
  const std::string file =
      (std::filesystem::temp_directory_path() / absl::StrCat("federal_sim_test_", getpid()))
          .string();
  Start(file);
  const auto receipt = Submit(Passport("паспорт"));
  ASSERT_TRUE(receipt.ok());
  Start(file);
  EXPECT_EQ(Submit(Passport("паспорт"))->name(), receipt->name());
  std::filesystem::remove(file);
}

TEST(MisbehaviourWords, UnknownWordsAreRefused) {
  EXPECT_TRUE(ParseMisbehaviour("").ok());
  EXPECT_EQ(ParseMisbehaviour("shrink:40,repeat")->shrink_percent, 40);
  EXPECT_FALSE(ParseMisbehaviour("shrink:x").ok());
  EXPECT_FALSE(ParseMisbehaviour("explode").ok());
}

}  // namespace
}  // namespace rsnms::federal_sim
