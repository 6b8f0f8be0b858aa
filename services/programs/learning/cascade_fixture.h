// A programme of the cascade, who mastered it, and sessions they lead.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_FIXTURE_H_

#include <string>
#include <vector>

#include "services/programs/learning/learning_fixture.h"

namespace rsnms::programs {

class CascadeFixture : public LearningFixture {
 protected:
  using S = v1::CascadeSession;

  void SetUp() override {
    LearningFixture::SetUp();
    MakeCascade(programme_);
  }
  // Posts of those who come: the staff is counted.
  void EmployEverybody() override {
    Employ(7, 2, 6);
    Employ(8, 2, 2);
    Employ(8, 5, 5);
  }
  // Gives the programme a version in force that is of the cascade.
  void MakeCascade(const std::string& programme) {
    const std::string id = Uuid(900 + versions_++);
    EXPECT_EQ(
        Sql(Cat(
            "INSERT INTO programme_version SELECT (jsonb_populate_record(NULL::programme_version, "
            "(SELECT jsonb_object_agg(column_name, CASE data_type WHEN 'text' THEN "
            "to_jsonb(''::text) "
            "WHEN 'integer' THEN to_jsonb(0) WHEN 'bigint' THEN to_jsonb(1) WHEN 'boolean' THEN "
            "to_jsonb(false) "
            "WHEN 'jsonb' THEN '[]'::jsonb WHEN 'ARRAY' THEN '[]'::jsonb "
            "WHEN 'timestamp with time zone' THEN to_jsonb(now()) ELSE 'null'::jsonb END) "
            "FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND table_name = 'programme_version') || jsonb_build_object('region_code', '86', "
            "'id', '",
            id, "', 'programme_id', '", IdOf(programme), "', 'provider_id', '", Uuid(9),
            "', 'authors_ids', jsonb_build_array('", Uuid(1),
            "'), 'cascade', true, 'delete_time', NULL, 'state', 'APPROVED'))).* RETURNING id")),
        id);
    EXPECT_EQ(Sql(Cat("UPDATE programme SET current_version_id = '", id, "' WHERE id = '",
                      IdOf(programme), "' RETURNING current_version_id")),
              id);
  }
  // Person `person` of body `body` masters the programme on 30 March.
  void Master(int person, int body = 7) {
    const auto made =
        Need(Send<v1::Enrolment>("CreateEnrolment", Cat("parent: 'regions/86' enrolment ",
                                                        Application(programme_, person, body))));
    Need(Move("ConfirmEnrolment", made.name()));
    Need(Move("StartEnrolment", made.name()));
    Need(Send<v1::Completion>("CompleteEnrolment",
                              Cat("name: '", made.name(), "' certificate_number: 'К-", person,
                                  "' completion_date ", Day(3, 30))));
  }
  absl::StatusOr<S> Plan(int leader, const std::vector<int>& people, int body = 7,
                         const std::string& day = Day(4, 10)) {
    std::string participants;
    for (const int one : people) {
      participants = Cat(participants, "participants: '", Person(one), "' ");
    }
    return Ask<S>(
        *admin_, "CreateCascadeSession",
        Cat("parent: 'regions/86' cascade_session {programme: '", programme_, "' organisation: '",
            Body(body), "' municipality: '", Town("north"), "' leader: '", Person(leader),
            "' title: 'Оценивание' planned_date ", day, " hours: 4 ", participants, "}"));
  }
  absl::StatusOr<S> Hold(const std::string& name, const std::string& more = "",
                         const std::string& day = Day(4, 12)) {
    return Do<S>("HoldCascadeSession", name, Cat("held_date ", day, " ", more));
  }
  std::string Records(const std::string& session) {
    return Sql(
        Cat("SELECT count(*) || ':' || coalesce(sum(completed_hours), 0) FROM learning_record "
            "WHERE state = 'ACCEPTED' AND cascade_session_id = '",
            IdOf(session), "'"));
  }
  // `body:leaders/sessions/reached/staff` of each row, and the total.
  std::string Coverage(rpc::Client& client, const std::string& more = "") {
    const auto page = Need(Ask<v1::ListCascadeCoverageResponse>(
        client, "ListCascadeCoverage",
        Cat("parent: 'regions/86' end_date ", Day(5, 31), " ", more)));
    std::string told;
    for (const auto& row : page.cascade_coverage()) {
      told = Cat(told, IdOf(row.organisation()).substr(35), ":", row.leader_count(), "/",
                 row.session_count(), "/", row.reached_count(), "/", row.staff_count(), " ");
    }
    return Cat(told, "=", page.total_reached_count());
  }

  int versions_ = 0;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_FIXTURE_H_
