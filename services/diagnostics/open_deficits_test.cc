// Open deficits: what is counted is what a naive reading of the same findings and routes says.
#include "services/diagnostics/open_deficits.h"

#include <map>
#include <random>
#include <set>

#include "absl/strings/str_format.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/service_test_support.h"

namespace rsnms::diagnostics {
namespace {

using resource::Cat;

constexpr char kInstrument[] = "difficulties-school-1", kOther[] = "difficulties-preschool-1";

struct Finding {
  int person, campaign;
  std::string town, code;  // of no code: was there
  int day;
  bool lacks;
};
struct Closed {
  int person;
  std::string code;
  int built, done;  // days; -1: nobody said
};

class OpenDeficits : public ServiceTest {
 protected:
  static void Run(const std::string& sql) {
    pg::TxOptions options;
    options.scopes = "*";
    const auto status =
        host_->database().app().Run(options, [&](pg::Tx& tx) { return tx.Query(sql).status(); });
    ASSERT_TRUE(status.ok()) << status << sql;
  }
  static std::string Id(int n) { return absl::StrFormat("00000000-0000-4000-8000-%012d", n); }
  static std::string Day(int day) { return Cat("DATE '2024-03-01' + ", day); }

  // A result of the person, its findings as `code:severity`; answers its id.
  static std::string Result(const std::string& campaign, int person, const std::string& town,
                            int day, const std::map<std::string, std::string>& findings,
                            const std::string& instrument = kInstrument) {
    const std::string id = Id(++ids_);
    const std::string keys =
        Cat("'86', '", id, "', '", IdOf(campaign), "', '", instrument, "', '",
            IdOf(NameOf("persons", person)), "', '", IdOf(NameOf("organisations", 1)), "', ",
            town.empty() ? "NULL" : Cat("'", town, "'"), ", 'PEDAGOGUE', ", Day(day));
    const std::string common =
        "region_code, id, campaign_id, instrument_id, person_id, organisation_id, "
        "municipality_id, category, submit_date, ";
    Run(Cat("INSERT INTO session (", common, "state, version, create_time, update_time) VALUES (",
            keys, ", 'SUBMITTED', 1, now(), now())"));
    std::string scores;
    for (const auto& [code, severity] : findings) {
      scores += Cat(scores.empty() ? "" : ",", "{\"competency_code\":\"", code, "\"",
                    severity.empty() ? "" : Cat(",\"severity\":\"SEVERITY_", severity, "\""), "}");
    }
    Run(Cat("INSERT INTO result (", common,
            "session_id, scores, heaviest_severity, version, create_time, update_time) VALUES (",
            keys, ", '", id, "', '[", scores, "]', 'NONE', 1, now(), now())"));
    return id;
  }
  // A route built on the result with one item for the code.
  static void Route(const std::string& result, const std::string& campaign, int person,
                    const std::string& code, const std::string& state, int done) {
    const std::string day =
        done < 0 ? "" : Cat(",\"done_date\":{\"year\":2024,\"month\":3,\"day\":", done + 1, "}");
    Run(
        Cat("INSERT INTO route (region_code, id, person_id, organisation_id, category, result_id, "
            "campaign_id, state, items, version, create_time, update_time) VALUES ('86', '",
            result, "', '", IdOf(NameOf("persons", person)), "', '",
            IdOf(NameOf("organisations", 1)), "', 'PEDAGOGUE', '", result, "', '", IdOf(campaign),
            "', 'ACTIVE', '[{\"number\":1,\"state\":\"STATE_", state, "\",\"competency_codes\":[\"",
            code, "\"]", day, "}]', 1, now(), now())"));
  }
  static std::map<std::string, std::string> Ask(const std::vector<std::string>& campaigns,
                                                const std::string& town = "") {
    v1::CountOpenDeficitsRequest request;
    request.set_parent("regions/86");
    for (const auto& campaign : campaigns) request.add_campaigns(campaign);
    if (!town.empty()) request.set_municipality("regions/86/municipalities/" + town);
    v1::CountOpenDeficitsResponse response;
    const auto status = Call("CountOpenDeficits", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    std::map<std::string, std::string> told;
    for (const auto& deficit : response.deficits()) {
      EXPECT_NE(deficit.suppressed(), deficit.has_people_count());
      told[deficit.competency_code()] =
          deficit.suppressed() ? "~" : std::to_string(deficit.people_count());
    }
    return told;
  }

  // The same, person by person.
  static std::map<std::string, std::string> Naive(const std::vector<Finding>& findings,
                                                  const std::vector<Closed>& closed,
                                                  const std::set<int>& asked,
                                                  const std::string& town) {
    std::map<int, std::set<int>> people;  // by campaign
    for (const auto& f : findings) {
      if (town.empty() || f.town == town) people[f.campaign].insert(f.person);
    }
    const auto counts = [&](const Finding& f) {
      return asked.contains(f.campaign) && (town.empty() || f.town == town) &&
             people[f.campaign].size() >= 5;
    };
    std::map<std::string, std::map<int, bool>> open;  // by code and assessed person
    for (const auto& f : findings) {
      if (f.code.empty() || !counts(f)) continue;
      int last = -1;
      bool found = false, lacks = false;
      for (const auto& g : findings) {
        if (g.person != f.person || g.code != f.code) continue;
        found = found || (g.lacks && counts(g));
        if (g.day > last) lacks = false;
        if (g.day >= last) lacks = lacks || g.lacks;
        last = std::max(last, g.day);
      }
      bool done = false;
      for (const auto& c : closed) {
        if (c.person != f.person || c.code != f.code) continue;
        done = done || c.built >= last || c.done > last;
      }
      open[f.code][f.person] = found && lacks && !done;
    }
    std::map<std::string, std::string> told;
    for (const auto& [code, by_person] : open) {
      int count = 0;
      for (const auto& [person, is] : by_person) count += is ? 1 : 0;
      if (by_person.size() < 5 || count == 0) continue;
      told[code] = count < 5 ? "~" : std::to_string(count / 5 * 5);
    }
    return told;
  }

  static int ids_;
};
int OpenDeficits::ids_ = 700000;

TEST_F(OpenDeficits, CountedAreThoseANaiveReadingFinds) {
  std::mt19937 dice(20261123);
  const auto roll = [&](int n) { return static_cast<int>(dice() % n); };
  const char* codes[] = {"a", "b", "c"};
  const char* severities[] = {"", "UNSPECIFIED", "NONE", "MILD", "MODERATE", "SEVERE", "SEVERE"};
  const char* towns[] = {"71876000", "71874000", ""};
  int told = 0, withheld = 0;
  for (int world = 0; world < 8; ++world) {
    std::vector<std::string> campaigns;
    for (int i = 0; i < 4; ++i) campaigns.push_back(NewCampaign().name());
    std::vector<Finding> findings;
    std::vector<Closed> closed;
    const int people = 12 + roll(30);
    for (int n = 0; n < people; ++n) {
      const int person = 50000 + world * 100 + n;
      for (int c = 0; c < 4; ++c) {
        if (roll(c == 3 ? 5 : 2) != 0) continue;
        const std::string town = towns[roll(3)];
        const int day = roll(8);
        std::map<std::string, std::string> by_code;
        findings.push_back({person, c, town, "", day, false});
        for (const char* code : codes) {
          const std::string severity = severities[roll(7)];
          by_code[code] = severity;
          if (severity.empty() || severity == "UNSPECIFIED") continue;
          const bool lacks = severity == "MODERATE" || severity == "SEVERE";
          findings.push_back({person, c, town, code, day, lacks});
        }
        const std::string result = Result(campaigns[c], person, town, day, by_code);
        if (roll(3) != 0) continue;
        const char* states[] = {"DONE", "PLANNED", "DROPPED"};
        const std::string code = codes[roll(3)], state = states[roll(3)];
        const int done = state != "DONE" || roll(4) == 0 ? -1 : day + roll(6);
        Route(result, campaigns[c], person, code, state, done);
        if (state == "DONE") closed.push_back({person, code, day, done});
      }
    }
    for (int subset = 1; subset < 16; ++subset) {
      std::set<int> asked;
      std::vector<std::string> names;
      for (int c = 0; c < 4; ++c) {
        if ((subset >> c & 1) == 0) continue;
        asked.insert(c);
        names.push_back(campaigns[c]);
      }
      for (const std::string town : {"", "71876000"}) {
        const auto answer = Ask(names, town);
        EXPECT_EQ(answer, Naive(findings, closed, asked, town)) << world << " " << subset << town;
        for (const auto& [code, count] : answer) ++(count == "~" ? withheld : told);
      }
    }
  }
  EXPECT_GT(told, 50);
  EXPECT_GT(withheld, 50);
}

TEST_F(OpenDeficits, WhoClosedADeficitIsNoMoreInNeed) {
  const std::string first = NewCampaign().name(), later = NewCampaign().name();
  std::vector<std::string> results;
  for (int n = 0; n < 10; ++n) {
    results.push_back(Result(first, 60000 + n, "", 1, {{"a", "SEVERE"}}));
  }
  EXPECT_EQ(Ask({first})["a"], "10");
  EXPECT_EQ(Ask({first, later})["a"], "10") << "nobody twice";
  Route(results[0], first, 60000, "a", "DONE", 4);
  EXPECT_EQ(Ask({first})["a"], "5") << "nine, in whole fives";
  for (int n = 1; n < 6; ++n) Result(later, 60000 + n, "", 5, {{"a", "MILD"}});
  EXPECT_EQ(Ask({first})["a"], "~");
  for (int n = 6; n < 10; ++n) Result(later, 60000 + n, "", 6, {{"a", "NONE"}});
  EXPECT_EQ(Ask({first}).count("a"), 0u);
  Result(later, 60000, "", 7, {{"a", "SEVERE"}}, kOther);
  EXPECT_EQ(Ask({first})["a"], "~") << "found again";
}

TEST_F(OpenDeficits, ACampaignOfAFewAddsNobody) {
  const std::string many = NewCampaign().name(), few = NewCampaign().name();
  for (int n = 0; n < 9; ++n) Result(many, 61000 + n, "", 1, {{"a", "SEVERE"}});
  Result(few, 61100, "", 1, {{"a", "SEVERE"}});
  EXPECT_EQ(Ask({many})["a"], "5");
  EXPECT_EQ(Ask({many, few})["a"], "5") << "ten would tell of the one";
  EXPECT_EQ(Ask({few}).size(), 0u);
}

TEST_F(OpenDeficits, WhoSeesAPartCountsAPart) {
  const std::string campaign = NewCampaign().name();
  for (int n = 0; n < 12; ++n) {
    Result(campaign, 62000 + n, n < 7 ? "71876000" : "71874000", 1, {{"a", "SEVERE"}});
  }
  v1::CountOpenDeficitsRequest request;
  request.set_parent("regions/86");
  request.add_campaigns(campaign);
  v1::CountOpenDeficitsResponse response;
  auto town = host_->Connect({"municipal_service"}, {"regions/86/municipalities/71876000"});
  ASSERT_TRUE(Call(*town, "CountOpenDeficits", request, &response).ok());
  ASSERT_EQ(response.deficits_size(), 1);
  EXPECT_EQ(response.deficits(0).people_count(), 5);
  auto elsewhere = host_->Connect({"authority"}, {"regions/61"});
  EXPECT_EQ(rpc::ReasonOf(Call(*elsewhere, "CountOpenDeficits", request, &response)), "NOT_FOUND");
}

TEST_F(OpenDeficits, CampaignsThatAreNotThereAreLeftOut) {
  const std::string campaign = NewCampaign().name();
  v1::CountOpenDeficitsRequest request;
  request.set_parent("regions/86");
  request.add_campaigns(campaign);
  request.add_campaigns(NameOf("campaigns", 404));
  v1::CountOpenDeficitsResponse response;
  ASSERT_TRUE(Call("CountOpenDeficits", request, &response).ok());
  ASSERT_EQ(response.campaigns_size(), 1);
  EXPECT_EQ(response.campaigns(0), campaign);
  request.set_campaigns(1, "regions/61/campaigns/" + Id(1));
  EXPECT_EQ(rpc::ReasonOf(Call("CountOpenDeficits", request, &response)), "INVALID_NAME");
  request.clear_campaigns();
  EXPECT_FALSE(Call("CountOpenDeficits", request, &response).ok());
  request.add_campaigns(campaign);
  request.set_municipality("regions/61/municipalities/71876000");
  EXPECT_EQ(rpc::ReasonOf(Call("CountOpenDeficits", request, &response)), "INVALID_NAME");
}

// Somebody who knows any larger number (of those found, of those assessed) cannot compute who are
// left while they are one to four.
TEST(OpenDeficitsTold, WhatIsLeftBesideIsNeverKnownWhileItIsSmall) {
  const auto told = [](int n) {
    const auto deficit = TellOpen("a", n);
    return deficit ? deficit->SerializeAsString() : "";
  };
  for (int known = 5; known <= 60; ++known) {
    for (int open = 0; open <= known; ++open) {
      if (known - open < 1 || known - open > 4) continue;
      int alike = 0;
      for (int other = 0; other <= known; ++other) alike += told(other) == told(open) ? 1 : 0;
      EXPECT_GE(alike, 2) << open << " of " << known;
    }
  }
  for (int open = 1; open <= 4; ++open) EXPECT_EQ(told(open), told(1));
}

}  // namespace
}  // namespace rsnms::diagnostics
