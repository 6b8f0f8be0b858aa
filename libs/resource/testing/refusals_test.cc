// Bad input gets a precise answer and changes nothing; a contract or schema that does not fit does
// not start.
#include <gtest/gtest.h>

#include "libs/resource/names.h"
#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

std::string List(Museum& m, const std::string& filter, const std::string& order_by = "",
                 const std::string& parent = "regions/86", const std::string& token = "") {
  museum::ListSpecimensRequest request;
  request.set_parent(parent);
  request.set_filter(filter);
  request.set_order_by(order_by);
  request.set_page_token(token);
  return rpc::ReasonOf(m.Call<museum::ListSpecimensResponse>("ListSpecimens", request).status());
}

TEST(BadInput, NamesThatAreNotNames) {
  Museum m;
  for (std::string name :
       {"", "x", "regions/86", "regions/86/specimens/", "regions/86/specimens/x",
        "regions/86/drawers/a", "regions/8/specimens/00000000-0000-7000-8000-000000000001",
        "regions/86/specimens/00000000-0000-7000-8000-00000000000G",
        "regions/86/specimens/00000000-0000-7000-8000-00000000000A",
        "regions/86/specimens/00000000-0000-7000-8000-000000000001/x",
        "regions/-/specimens/00000000-0000-7000-8000-000000000001", "regions/86/specimens/' OR 1=1",
        "//regions/86/specimens/00000000-0000-7000-8000-000000000001"}) {
    EXPECT_EQ(rpc::ReasonOf(m.Get(name).status()), "INVALID_NAME") << name;
  }
  EXPECT_EQ(rpc::ReasonOf(m.Get(std::string("regions/86/specimens/\0", 21)).status()),
            "INVALID_NAME");
  EXPECT_EQ(rpc::ReasonOf(m.Get(std::string(5 << 20, 'x')).status()), "INVALID_NAME");
}

TEST(BadInput, Parents) {
  Museum m;
  for (const char* parent : {"", "regions", "regions/", "regions/8a", "86", "regions/86/x"}) {
    EXPECT_EQ(List(m, "", "", parent), "INVALID_PARENT") << parent;
    museum::CreateSpecimenRequest request;
    request.set_parent(parent);
    *request.mutable_specimen() = Specimen("x");
    EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("CreateSpecimen", request).status()),
              "INVALID_PARENT");
  }
}

TEST(BadInput, Filters) {
  Museum m;
  for (std::string filter : {"title",
                             "title =",
                             "= 5",
                             "title = \"x",
                             "(weight = 1",
                             "weight = 1)",
                             "()",
                             "NOT",
                             "weight = 1 AND",
                             "weight = 1 OR",
                             "AND weight = 1",
                             "nothing = 1",
                             "inn = \"1\"",
                             "body = 1",
                             "weight = abc",
                             "weight = 1e3",
                             "weight = 99999999999999999999",
                             "rare = 1",
                             "rare < true",
                             "colour = PINK",
                             "colour < RED",
                             "found_date = 2024-02-30",
                             "found_date = yesterday",
                             "seen_time > 5",
                             "price = x",
                             "drawer = d0",
                             "drawer < regions/86/drawers/d0",
                             "tags = \"a\"",
                             "weight : 5",
                             "weight = 5*",
                             "code = \"A*\"",
                             "title < \"a*\"",
                             "weight = 'a' 'b'",
                             "drawers:x",
                             "tags:\"a*\"",
                             "title.x = 5",
                             "weight == 5",
                             "weight = 1;DROP TABLE specimen",
                             "f(title)",
                             "title = \"a\"b",
                             "title = \"\\q\"",
                             "ratio = NaN",
                             "name = \"x\"",
                             "\xff\xfe = 1"}) {
    EXPECT_EQ(List(m, filter), "INVALID_FILTER") << filter;
  }
  EXPECT_EQ(List(m, std::string("title = \"a\0b\"", 13)), "INVALID_FILTER");
  EXPECT_EQ(List(m, std::string(5 << 20, '(')), "INVALID_FILTER");
  EXPECT_EQ(List(m, std::string(1000, '(') + "rare = true" + std::string(1000, ')')),
            "INVALID_FILTER");
  std::string many = "weight = 1";
  for (int i = 0; i < 200; ++i) many += " OR weight = 1";
  EXPECT_EQ(List(m, many), "INVALID_FILTER");
}

TEST(BadInput, OrdersAndTokens) {
  Museum m;
  for (std::string order :
       {"nothing", "title up", "title,,weight", "title desc asc", "body", "title, title desc",
        "inn", ",", "title;", "colour", "weight, rank, title, found_date, weight"}) {
    EXPECT_EQ(List(m, "", order), "INVALID_ORDER_BY") << order;
  }
  for (std::string token :
       {"x", "AAAA", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(List(m, "", "", "regions/86", token), "INVALID_PAGE_TOKEN") << token;
  }
  EXPECT_EQ(List(m, "", "", "regions/86", std::string(5 << 20, 'A')), "INVALID_PAGE_TOKEN");
}

TEST(BadInput, MasksAndEtags) {
  Museum m;
  const auto s = *m.Create(Specimen("x"));
  for (std::string path : {"nothing", "", "title.x", "body.nothing", "parts.label", "*.x", "body.",
                           "foundDate", "title "}) {
    EXPECT_EQ(rpc::ReasonOf(m.Update(s, {path}).status()), "INVALID_FIELD_MASK") << path;
  }
  EXPECT_EQ(rpc::ReasonOf(m.Update(s, {"*", "title"}).status()), "INVALID_FIELD_MASK");
  for (std::string etag :
       {"1", "\"x\"", "\"\"", "\"-1\"", "\"01\"", "\"1", "W/\"1\"", "\"99999999999999999999\""}) {
    auto change = s;
    change.set_etag(etag);
    EXPECT_EQ(rpc::ReasonOf(m.Update(change, {"title"}).status()), "INVALID_ETAG") << etag;
  }
}

TEST(BadInput, FieldValues) {
  Museum m;
  const auto reason = [&](const std::function<void(museum::Specimen*)>& spoil) {
    auto s = Specimen("x");
    spoil(&s);
    return rpc::ReasonOf(m.Create(s).status());
  };
  using S = museum::Specimen;
  EXPECT_EQ(reason([](S* s) { s->clear_title(); }), "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(reason([](S* s) { s->set_title(std::string("a\0b", 3)); }), "NUL_CHARACTER");
  EXPECT_EQ(reason([](S* s) { s->set_title("\xc3\x28"); }), "INVALID_FORMAT");
  EXPECT_EQ(reason([](S* s) { s->set_title(std::string(5 << 20, 'x')); }), "INVALID_FORMAT");
  EXPECT_EQ(reason([](S* s) {
              std::string title;
              for (int i = 0; i < 101; ++i) title += "ж";
              s->set_title(title);
            }),
            "INVALID_FORMAT");
  EXPECT_EQ(reason([](S* s) {
              std::string title;
              for (int i = 0; i < 100; ++i) title += "ж";
              s->set_title(title);
            }),
            "")
      << "lengths are code points";
  EXPECT_EQ(reason([](S* s) { s->set_weight(1001); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](S* s) { s->set_ratio(std::nan("")); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](S* s) { s->set_colour(static_cast<museum::Colour>(99)); }),
            "UNKNOWN_ENUM_VALUE");
  EXPECT_EQ(reason([](S* s) { s->add_palette(static_cast<museum::Colour>(99)); }),
            "UNKNOWN_ENUM_VALUE");
  EXPECT_EQ(reason([](S* s) {
              s->mutable_body()->set_label("x");
              s->mutable_body()->set_colour(static_cast<museum::Colour>(99));
            }),
            "UNKNOWN_ENUM_VALUE");
  EXPECT_EQ(reason([](S* s) { s->mutable_found_date()->set_year(2024); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](S* s) { s->mutable_seen_time()->set_nanos(-1); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](S* s) { s->mutable_price()->set_value("1,5"); }), "INVALID_FORMAT");
  EXPECT_EQ(reason([](S* s) { s->set_drawer("drawers/a"); }), "INVALID_NAME");
  EXPECT_EQ(reason([](S* s) { s->add_drawers("regions/61/drawers/a"); }), "INVALID_NAME");
  EXPECT_EQ(reason([](S* s) {
              for (int i = 0; i < 6; ++i) s->add_tags("x");
            }),
            "OUT_OF_RANGE");
  EXPECT_EQ(reason([](S* s) { s->add_tags(std::string("a\0b", 3)); }), "NUL_CHARACTER");
  EXPECT_EQ(reason([](S* s) { (*s->mutable_sizes())[std::string("a\0b", 3)] = 1; }),
            "NUL_CHARACTER");
  EXPECT_EQ(reason([](S* s) { s->mutable_body(); }), "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(reason([](S* s) {
              auto* part = s->mutable_body();
              for (int i = 0; i < 60; ++i) {
                part->set_label("x");
                part = part->add_parts();
              }
              part->set_label("x");
            }),
            "INVALID_REQUEST");
  EXPECT_EQ(reason([](S* s) { s->set_inn("7707083890"); }), "CHECK_DIGIT_MISMATCH");
  EXPECT_EQ(reason([](S* s) { s->set_inn("77"); }), "INVALID_FORMAT");
  EXPECT_EQ(reason([](S* s) { s->set_code("xx1"); }), "INVALID_FORMAT");
  EXPECT_EQ(m.Value("SELECT count(*) FROM specimen"), "1");
}

TEST(BadInput, SeveralFaultsAreNamedTogether) {
  Museum m;
  museum::Specimen s;
  s.set_weight(5000);
  s.add_parts();
  const auto status = m.Create(s).status();
  const std::string details = rpc::ToProto(status).DebugString();
  EXPECT_EQ(rpc::ReasonOf(status), "INVALID_REQUEST");
  for (const char* path : {"specimen.title", "specimen.weight", "specimen.parts[0].label"}) {
    EXPECT_NE(details.find(path), std::string::npos) << path;
  }
}

TEST(BadInput, BatchesAndIds) {
  Museum m;
  museum::BatchGetSpecimensRequest batch;
  const auto reason = [&] {
    return rpc::ReasonOf(
        m.Call<museum::BatchGetSpecimensResponse>("BatchGetSpecimens", batch).status());
  };
  EXPECT_EQ(reason(), "REQUIRED_FIELD_MISSING");
  for (int i = 0; i < 1001; ++i) batch.add_names("regions/86/specimens/" + NewUuid());
  EXPECT_EQ(reason(), "OUT_OF_RANGE");
  batch.clear_names();
  batch.set_parent("regions/86");
  batch.add_names("regions/61/specimens/" + NewUuid());
  EXPECT_EQ(reason(), "INVALID_NAME");
  museum::CreateSpecimenRequest create;
  create.set_parent("regions/86");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("CreateSpecimen", create).status()),
            "REQUIRED_FIELD_MISSING");
  *create.mutable_specimen() = Specimen("x");
  create.set_specimen_id("not-a-uuid");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Specimen>("CreateSpecimen", create).status()),
            "INVALID_NAME");
  museum::CreateDrawerRequest drawer;
  drawer.set_parent("regions/86");
  drawer.mutable_drawer()->set_title("x");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Drawer>("CreateDrawer", drawer).status()),
            "REQUIRED_FIELD_MISSING");
  drawer.set_drawer_id("../x");
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Drawer>("CreateDrawer", drawer).status()), "INVALID_NAME");
}

// ---- start-up ----

std::string CreateWith(const std::string& contract) {
  EngineOptions options;
  options.secret_key = std::string(32, 'k');
  options.personal_keys = Keys();
  return std::string(Engine::Create(nullptr, {Contract(contract)}, options).status().message());
}

TEST(StartUp, ContractsThatDoNotFitAreRefused) {
  EXPECT_NE(CreateWith("NoPermission").find("no permission"), std::string::npos);
  EXPECT_NE(CreateWith("UnknownResource").find("unknown resource"), std::string::npos);
  EXPECT_NE(CreateWith("WrongShape").find("needs"), std::string::npos);
  EXPECT_NE(CreateWith("WrongAnswer").find("needs to return the resource"), std::string::npos);
  EngineOptions options;
  options.secret_key = "short";
  EXPECT_FALSE(Engine::Create(nullptr, {Contract("Museum")}, options).ok());
}

TEST(StartUp, SchemasThatDoNotFitAreRefused) {
  Museum m;
  ASSERT_TRUE(m.engine->Check().ok());
  const auto refusal = [&](const std::string& spoil, const std::string& repair) {
    EXPECT_EQ(m.Value(spoil), "");
    const std::string text(m.engine->Check().message());
    EXPECT_EQ(m.Value(repair), "");
    return text;
  };
  EXPECT_NE(
      refusal("ALTER TABLE specimen RENAME inn TO inn2", "ALTER TABLE specimen RENAME inn2 TO inn")
          .find("column inn is missing"),
      std::string::npos);
  EXPECT_NE(refusal("ALTER TABLE specimen ALTER weight TYPE bigint",
                    "ALTER TABLE specimen ALTER weight TYPE integer")
                .find("column weight is int8"),
            std::string::npos);
  // An index of living rows does not serve lists that show deleted ones too.
  EXPECT_EQ(m.Value("CREATE INDEX specimen_ratio_living ON specimen (region_code, ratio) "
                    "WHERE delete_time IS NULL"),
            "");
  EXPECT_NE(refusal("DROP INDEX specimen_ratio",
                    "CREATE INDEX specimen_ratio ON specimen (region_code, ratio)")
                .find("(region_code, ratio)"),
            std::string::npos);
  EXPECT_NE(
      refusal("DROP INDEX specimen_tags", "CREATE INDEX specimen_tags ON specimen USING gin (tags)")
          .find("GIN index on tags"),
      std::string::npos);
  EXPECT_NE(refusal("DROP INDEX specimen_title_trgm",
                    "CREATE INDEX specimen_title_trgm ON specimen USING gin (title gin_trgm_ops)")
                .find("trigram index on title"),
            std::string::npos);
  EXPECT_NE(refusal("ALTER TABLE specimen NO FORCE ROW LEVEL SECURITY",
                    "ALTER TABLE specimen FORCE ROW LEVEL SECURITY")
                .find("row level security"),
            std::string::npos);
  EXPECT_TRUE(m.engine->Check().ok());
}

}  // namespace
}  // namespace rsnms::resource
