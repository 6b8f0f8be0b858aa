// Search of people by their names over gRPC; its pages stand in people_pages_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/registry/people/people_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;

class PeopleSearch : public PeopleTest {
 protected:
  std::vector<std::string> Search(const std::string& query) {
    v1::SearchPersonsRequest request;
    request.set_parent(kRegion);
    request.set_query(query);
    auto found = Ask<v1::SearchPersonsResponse>("SearchPersons", request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> names;
    if (!found.ok()) return names;
    for (const auto& p : found->persons()) {
      names.push_back(absl::StrCat(p.family_name(), " ", p.given_name()));
    }
    return names;
  }
};

TEST_F(PeopleSearch, SearchForgivesCaseHyphensOrderAndYo) {
  Named("Соловьёва-Иванова", "Алёна", "Петровна");
  Named("Соловьева", "Анна-Мария", "Олеговна");
  Named("Мамедов", "Гасан", "Али оглы");
  const std::string both = "Соловьёва-Иванова Алёна";
  EXPECT_THAT(Search("соловьева"), ElementsAre("Соловьева Анна-Мария", both));
  EXPECT_THAT(Search("СОЛОВЬЁВА ИВАНОВА"), ElementsAre(both));
  EXPECT_THAT(Search("алена петр солов"), ElementsAre(both));
  EXPECT_THAT(Search("иван"), ElementsAre(both)) << "the second half of a double name";
  EXPECT_THAT(Search("мария"), ElementsAre("Соловьева Анна-Мария"));
  EXPECT_THAT(Search("оглы мамед"), ElementsAre("Мамедов Гасан"));
  EXPECT_THAT(Search("Соловьёва-И"), ElementsAre(both));
  EXPECT_THAT(Search("ОВЬЁВА"), ElementsAre("Соловьева Анна-Мария", both)) << "nobody begins so";
  EXPECT_THAT(Search("ловь алё"), ElementsAre(both));
  EXPECT_THAT(Search("*ёна"), ElementsAre(both));
  EXPECT_THAT(Search("ма"), ElementsAre("Мамедов Гасан", "Соловьева Анна-Мария"));
  EXPECT_THAT(Search("*ма"), ElementsAre()) << "too short to be sought anywhere";
  EXPECT_THAT(Search("ваал"), ElementsAre()) << "a fragment does not go on into the next name";
  EXPECT_THAT(Search("%_"), ElementsAre());
}

TEST_F(PeopleSearch, SearchComparesNamesByTheirComposedForm) {
  Named("Бои\u0306ко", "Але\u0308на");  // й and ё of two characters, as some systems write them
  EXPECT_EQ(Search("бойко").size(), 1u);
  EXPECT_EQ(Search("алёна").size(), 1u);
  EXPECT_EQ(Search("Бои\u0306ко").size(), 1u);
  EXPECT_EQ(Sql("SELECT search_family || ' ' || search_given FROM person"), "бойко алена");
}

TEST_F(PeopleSearch, FragmentsAreFoundWhereNobodyBeginsSo) {
  Named("Поливанов", "Олег");
  EXPECT_THAT(Search("иван"), ElementsAre("Поливанов Олег"));
  Named("Иванов", "Олег");
  EXPECT_THAT(Search("иван"), ElementsAre("Иванов Олег"));
  EXPECT_THAT(Search("*иван"), ElementsAre("Иванов Олег", "Поливанов Олег"));
}

TEST_F(PeopleSearch, SearchShowsTheCallersScopeAndIsRecorded) {
  const auto person = Named("Айпина", "Анна");
  v1::SearchPersonsRequest request;
  request.set_parent(kRegion);
  request.set_query("айпина");
  const std::string read = absl::StrCat(
      "SELECT count(*) FROM access_log WHERE method LIKE '%SearchPersons' AND resource_id = '",
      person.name().substr(person.name().rfind('/') + 1), "'");
  EXPECT_EQ(Sql(read), "0");
  ASSERT_EQ(Ask<v1::SearchPersonsResponse>("SearchPersons", request)->persons_size(), 1);
  EXPECT_EQ(Sql(read), "1");
  auto foreign = service_->Connect({"administrator"}, {"regions/61"});
  EXPECT_EQ(Ask<v1::SearchPersonsResponse>(*foreign, "SearchPersons", request)->persons_size(), 0);
  auto municipal = service_->Connect({"administrator"}, {kSurgut});
  EXPECT_EQ(Ask<v1::SearchPersonsResponse>(*municipal, "SearchPersons", request)->persons_size(),
            0);
  auto body = MakeBody("школа");
  ASSERT_TRUE(Employ(Post(person.name(), body->name(), CivilDay(2020, 9, 1))).ok());
  EXPECT_EQ(Ask<v1::SearchPersonsResponse>(*municipal, "SearchPersons", request)->persons_size(),
            1);
  request.set_query("а б");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::SearchPersonsResponse>("SearchPersons", request).status()),
            "QUERY_TOO_SHORT");
}

}  // namespace
}  // namespace rsnms::registry
