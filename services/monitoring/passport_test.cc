// Pure parts of the passport: transitions, entries, canonical bytes, signatures, receipts,
// differences.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/monitoring/passport_bytes.h"
#include "services/monitoring/passport_form.h"
#include "services/monitoring/passport_rules.h"

namespace rsnms::monitoring {
namespace {

using v1::Passport;

Passport Draft() {
  Passport passport;
  passport.set_name("regions/86/passports/11111111-1111-4111-8111-111111111111");
  passport.set_profile("regions/86/profiles/yugra");
  passport.set_period_year(2026);
  passport.set_revision(1);
  passport.set_state(Passport::STATE_DRAFT);
  passport.mutable_cut_off_date()->set_year(2026);
  PassportData data;
  data.counts = {{"staff.total", 20000}, {"staff.pedagogues", 18000}};
  auto& indicator = data.indicators.emplace_back();
  indicator.set_indicator_id("diagnosed_share");
  indicator.set_title("Доля");
  indicator.set_unit(v1::UNIT_PERCENT);
  indicator.set_state(v1::VALUE_STATE_PRESENT);
  indicator.mutable_value()->set_value("40.00");
  *passport.mutable_blocks() = BuildBlocks(data);
  EXPECT_TRUE(FillManualFields(passport).ok());
  return passport;
}

const v1::PassportField& FieldOf(const Passport& passport, const std::string& id) {
  for (const auto& block : passport.blocks()) {
    for (const auto& field : block.fields()) {
      if (field.id() == id) return field;
    }
  }
  ADD_FAILURE() << "no field " << id;
  return v1::PassportField::default_instance();
}

v1::PassportEntry Entry(const std::string& id, const std::string& value) {
  v1::PassportEntry entry;
  entry.set_field_id(id);
  entry.set_value(value);
  return entry;
}

TEST(PassportForm, HasSevenBlocksAndNoFieldWithoutValueOrReason) {
  const auto passport = Draft();
  ASSERT_EQ(passport.blocks_size(), 7);
  std::set<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(passport.blocks(i).kind(), i + 1);
    for (const auto& field : passport.blocks(i).fields()) {
      EXPECT_EQ(!field.value().empty() + !field.text().empty() + !field.no_data_reason().empty(), 1)
          << field.id();
      EXPECT_TRUE(ids.insert(field.id()).second) << field.id();
      EXPECT_EQ(
          field.id().rfind(absl::StrCat(BlockCode(passport.blocks(i).kind()).substr(0, 5)), 0), 0u);
    }
  }
  EXPECT_EQ(FieldOf(passport, "staff.total").value(), "20000");
  EXPECT_EQ(FieldOf(passport, "results.diagnosed_share").value(), "40.00");
  EXPECT_NE(FieldOf(passport, "funding.regional").no_data_reason(), "");
}

TEST(PassportForm, CountsOfSourcesNeverReadAreNoData) {
  PassportData data;
  data.counts = {{"staff.total", 5}};
  data.complete = false;
  Passport passport;
  *passport.mutable_blocks() = BuildBlocks(data);
  EXPECT_EQ(FieldOf(passport, "staff.total").value(), "");
  EXPECT_NE(FieldOf(passport, "staff.total").no_data_reason(), "");
}

TEST(PassportEntries, FillManualFieldsAndNothingElse) {
  auto passport = Draft();
  *passport.add_manual_entries() = Entry("funding.regional", "125000.50");
  ASSERT_TRUE(FillManualFields(passport).ok());
  EXPECT_EQ(FieldOf(passport, "funding.regional").value(), "125000.50");
  EXPECT_EQ(FieldOf(passport, "funding.regional").no_data_reason(), "");
  for (const auto& bad : {Entry("staff.total", "1"), Entry("no.such.field", "1"),
                          Entry("funding.federal", "много"), Entry("funding.federal", "1e5"),
                          Entry("funding.federal", ""), Entry("funding.regional", "1")}) {
    auto broken = passport;
    *broken.add_manual_entries() = bad;
    EXPECT_EQ(rpc::ReasonOf(FillManualFields(broken)), "PASSPORT_FIELD") << bad.DebugString();
  }
}

TEST(PassportStates, EveryPairOutsideTheTableIsRefused) {
  const std::set<std::pair<int, int>> allowed = {{1, 2}, {2, 1}, {2, 3}, {3, 4}, {3, 5},
                                                 {3, 6}, {4, 5}, {4, 6}, {6, 1}};
  for (int from = 1; from <= 6; ++from) {
    for (int to = 1; to <= 6; ++to) {
      Passport passport;
      passport.set_state(static_cast<Passport::State>(from));
      const auto status = Pass(passport, static_cast<Passport::State>(to));
      EXPECT_EQ(status.ok(), allowed.count({from, to}) > 0) << from << "→" << to;
      if (!status.ok()) {
        EXPECT_EQ(rpc::ReasonOf(status), "PASSPORT_TRANSITION");
        EXPECT_EQ(passport.state(), from);
      }
    }
  }
}

TEST(PassportRule, EntriesChangeInDraftOnly) {
  const auto draft = Draft();
  auto filled = draft;
  *filled.add_manual_entries() = Entry("funding.regional", "5");
  ASSERT_TRUE(CheckPassport(resource::Change::kUpdate, &draft, &filled).ok());
  EXPECT_EQ(FieldOf(filled, "funding.regional").value(), "5");
  auto approved = draft;
  approved.set_state(Passport::STATE_APPROVED);
  auto changed = filled;
  changed.set_state(Passport::STATE_APPROVED);
  EXPECT_EQ(rpc::ReasonOf(CheckPassport(resource::Change::kUpdate, &approved, &changed)),
            "PASSPORT_TRANSITION");
  EXPECT_FALSE(CheckPassport(resource::Change::kDelete, &approved, nullptr).ok());
  EXPECT_TRUE(CheckPassport(resource::Change::kDelete, &draft, nullptr).ok());
}

TEST(CanonicalBytes, DependOnWhatThePassportSaysAndOnNothingElse) {
  auto passport = Draft();
  auto& mark = *passport.add_watermarks();
  mark.set_source("registry");
  mark.set_epoch("e");
  mark.set_position(7);
  const std::string bytes = CanonicalPassport(passport);
  auto same = passport;
  same.set_name("regions/86/passports/22222222-2222-4222-8222-222222222222");
  same.set_etag("\"9\"");
  same.mutable_update_time()->set_seconds(5);
  same.mutable_watermarks(0)->set_connected(true);
  same.mutable_watermarks(0)->set_sealed_position(70);
  EXPECT_EQ(CanonicalPassport(same), bytes);
  auto other = passport;
  other.mutable_watermarks(0)->set_position(8);
  EXPECT_NE(CanonicalPassport(other), bytes);
  other = passport;
  other.mutable_blocks(0)->mutable_fields(0)->set_value("20001");
  EXPECT_NE(CanonicalPassport(other), bytes);
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(CanonicalBytes, EscapeWhatJsonDemands) {
  v1::PassportBlock block;
  block.set_kind(v1::PASSPORT_BLOCK_KIND_FUNDING);
  block.set_title("«а» \"б\"\\\n\x01");
  EXPECT_EQ(CanonicalBlock(block),
            "{\"block\":\"funding\",\"title\":\"«а» \\\"б\\\"\\\\\\u000a\\u0001\",\"fields\":[]}");
}

TEST(SubmissionId, IsAUuidOfNameRevisionAndHash) {
  auto passport = Draft();
  passport.set_sha256(Sha256Hex("x"));
  const std::string id = SubmissionId(passport);
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '8');
  EXPECT_TRUE(id[19] == '8' || id[19] == '9' || id[19] == 'a' || id[19] == 'b') << id;
  EXPECT_EQ(SubmissionId(passport), id);
  passport.set_revision(2);
  EXPECT_NE(SubmissionId(passport), id);
}

// Writes a new private key to a file of the test's directory.
std::string WriteKey(const char* name, EVP_PKEY* key) {
  const std::string path = ::testing::TempDir() + name;
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  return path;
}

TEST(Signer, SignsWithEd25519AndWithEcP256) {
  for (const auto& path : {WriteKey("ed.pem", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")),
                           WriteKey("ec.pem", EVP_EC_gen("P-256"))}) {
    auto signer = Signer::FromFile(path);
    ASSERT_TRUE(signer.ok()) << signer.status();
    auto signature = (*signer)->Sign("bytes");
    ASSERT_TRUE(signature.ok());
    EXPECT_TRUE(VerifySignature((*signer)->public_key(), "bytes", *signature));
    EXPECT_FALSE(VerifySignature((*signer)->public_key(), "bytez", *signature));
    EXPECT_NE(AlgorithmOf((*signer)->public_key()), federal::v1::SIGNATURE_ALGORITHM_UNSPECIFIED);
  }
  EXPECT_EQ(rpc::ReasonOf(Signer::FromFile("/nowhere").status()), "SIGNING_KEY_MISSING");
  const auto rsa = WriteKey("rsa.pem", EVP_RSA_gen(2048));
  EXPECT_EQ(rpc::ReasonOf(Signer::FromFile(rsa).status()), "SIGNING_KEY_MISSING");
}

Passport Approved() {
  auto passport = Draft();
  passport.set_state(Passport::STATE_APPROVED);
  passport.set_sha256(Sha256Hex(CanonicalPassport(passport)));
  return passport;
}

federal::v1::PassportReceipt ReceiptFor(const Passport& passport, federal::v1::ReceiptState state) {
  federal::v1::PassportReceipt receipt;
  receipt.set_name("regions/86/passportReceipts/1");
  receipt.set_receipt_number("Р-1");
  receipt.set_passport(passport.name());
  receipt.set_sha256(passport.sha256());
  receipt.set_state(state);
  return receipt;
}

TEST(Receipt, ReturnPutsRemarksAtTheFieldsTheyName) {
  auto passport = Approved();
  auto receipt = ReceiptFor(passport, federal::v1::RECEIPT_STATE_RETURNED);
  auto& item = *receipt.add_items();
  item.set_block_number(4);
  item.set_item_code("funding.regional");
  item.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  item.set_remark_ru("Заполните сумму.");
  auto& whole = *receipt.add_items();
  whole.set_block_number(6);
  whole.set_state(federal::v1::RECEIPT_STATE_RETURNED);
  whole.set_remark_ru("Блок пуст.");
  ASSERT_TRUE(TakeReceipt(passport, receipt).ok());
  EXPECT_EQ(passport.state(), Passport::STATE_RETURNED);
  EXPECT_EQ(FieldOf(passport, "funding.regional").remark(), "Заполните сумму.");
  ASSERT_EQ(passport.receipt().remarks_size(), 1);
  EXPECT_EQ(passport.receipt().remarks(0).block(), v1::PASSPORT_BLOCK_KIND_INFORMATION_RESOURCES);
}

TEST(Receipt, RepeatedAnswerChangesNothing) {
  auto passport = Approved();
  const auto receipt = ReceiptFor(passport, federal::v1::RECEIPT_STATE_ACCEPTED);
  ASSERT_TRUE(TakeReceipt(passport, receipt).ok());
  const auto before = passport.SerializeAsString();
  ASSERT_TRUE(TakeReceipt(passport, receipt).ok());
  EXPECT_EQ(passport.SerializeAsString(), before);
}

TEST(Receipt, OfOtherBytesOrAnotherPassportIsRefused) {
  auto passport = Approved();
  auto lie = ReceiptFor(passport, federal::v1::RECEIPT_STATE_ACCEPTED);
  lie.set_sha256(Sha256Hex("other"));
  EXPECT_EQ(rpc::ReasonOf(TakeReceipt(passport, lie)), "RECEIPT_MISMATCH");
  lie = ReceiptFor(passport, federal::v1::RECEIPT_STATE_ACCEPTED);
  lie.set_passport("regions/61/passports/1");
  EXPECT_EQ(rpc::ReasonOf(TakeReceipt(passport, lie)), "RECEIPT_MISMATCH");
  EXPECT_EQ(passport.state(), Passport::STATE_APPROVED);
}

TEST(Differences, NameEachFieldThatDiffers) {
  const auto before = Draft();
  auto after = before;
  EXPECT_TRUE(Differences(before, after).empty());
  after.mutable_blocks(0)->mutable_fields(0)->set_value("20001");
  after.mutable_blocks(6)->mutable_fields(0)->set_id("results.new");
  const auto differences = Differences(before, after);
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_EQ(differences[0].field_id(), "staff.total");
  EXPECT_EQ(differences[0].before(), "20000");
  EXPECT_EQ(differences[0].after(), "20001");
  EXPECT_EQ(differences[1].after(), "");   // gone
  EXPECT_EQ(differences[2].before(), "");  // new
}

}  // namespace
}  // namespace rsnms::monitoring
