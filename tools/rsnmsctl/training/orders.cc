// What bodies and municipalities ask to be taught in the year, and how their orders end.
#include <algorithm>
#include <map>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/orders_service.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::TrainingOrder;

constexpr size_t kOfBodies = 12, kOfMunicipalities = 3, kLines = 10;

// Whether an order's line for learners of the category may name the programme.
bool IsMeantFor(const v1::Programme& programme, v1::LearnerCategory category) {
  if (!programme.for_pedagogues() && !programme.for_managers()) return true;
  return category == v1::LEARNER_CATEGORY_MANAGER ? programme.for_managers()
                                                  : programme.for_pedagogues();
}

// A body or a municipality and whom it sends; lines in the order of their subjects.
struct Customer {
  std::string organisation, municipality;
  // Programme, category and whether by summer.
  using Subject = std::tuple<std::string, v1::LearnerCategory, bool>;
  std::map<Subject, std::vector<Learner*>> lines;
  size_t learners = 0;
};

std::vector<Customer> Greatest(std::map<std::string, Customer>& customers, size_t count) {
  std::vector<Customer> sorted;
  for (auto& [name, customer] : customers) sorted.push_back(std::move(customer));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Customer& a, const Customer& b) { return a.learners > b.learners; });
  if (sorted.size() > count) sorted.resize(count);
  return sorted;
}

void Send(Learner& learner, Customer& customer) {
  const auto& e = learner.enrolment;
  customer.lines[{e.programme(), e.category(), learner.first_stream()}].push_back(&learner);
  ++customer.learners;
}

// The bodies that send most, and the municipalities that send most of the others.
std::vector<Customer> ChooseCustomers(const Programmes& programmes,
                                      std::vector<Learner>& learners) {
  const auto may_order = [&](const Learner& learner) {
    const auto found = programmes.find(learner.enrolment.programme());
    return found != programmes.end() && IsMeantFor(found->second, learner.enrolment.category()) &&
           !learner.enrolment.municipality().empty();
  };
  std::map<std::string, Customer> bodies, towns;
  for (Learner& learner : learners) {
    if (!may_order(learner)) continue;
    Customer& body = bodies[learner.enrolment.organisation()];
    body.organisation = learner.enrolment.organisation();
    body.municipality = learner.enrolment.municipality();
    Send(learner, body);
  }
  std::vector<Customer> chosen = Greatest(bodies, kOfBodies);
  absl::flat_hash_set<std::string> taken;
  for (const Customer& customer : chosen) taken.insert(customer.organisation);
  for (Learner& learner : learners) {
    if (!may_order(learner) || taken.contains(learner.enrolment.organisation())) continue;
    Customer& town = towns[learner.enrolment.municipality()];
    town.municipality = learner.enrolment.municipality();
    Send(learner, town);
  }
  for (Customer& town : Greatest(towns, kOfMunicipalities)) chosen.push_back(std::move(town));
  return chosen;
}

std::string WhoAsks(const Customer& customer) {
  return absl::StrCat(
      customer.organisation.empty() ? "" : Text("organisation", customer.organisation),
      Text("municipality", customer.municipality));
}

Acts Approved(const Desk& desk, const std::string& name, const std::string& order, size_t number) {
  const std::string named = Text("name", name);
  const int year = desk.options().year;
  return {{"Orders/CreateTrainingOrder", Creation(desk, "training_order", name, order)},
          {"Orders/SubmitTrainingOrder", named},
          {"Orders/ApproveTrainingOrder",
           absl::StrCat(named,
                        Text("approval_document", absl::StrCat("Приказ департамента № ", number)),
                        On("approval_date", year, 2, 20))}};
}

// Asks for the customer's learners, line by line, and says so in their enrolments. Every fourth
// asks for those of the first stream alone.
Acts OrderOf(const Desk& desk, Customer& customer, size_t number) {
  const std::string name = desk.NameOf("trainingOrders", absl::StrCat("learners ", number));
  std::string order = absl::StrCat("year: ", desk.options().year, " ", WhoAsks(customer));
  size_t lines = 0;
  for (auto& [subject, learners] : customer.lines) {
    const auto& [programme, category, first] = subject;
    if (lines == kLines) break;
    if (number % 4 == 0 && !first) continue;
    const std::string line = absl::StrCat(first ? "q2-" : "q4-", ++lines);
    const bool manager = category == v1::LEARNER_CATEGORY_MANAGER;
    absl::StrAppend(&order, "lines { ", Text("id", line), Text("programme", programme),
                    "places: ", learners.size(), " listener_category: LISTENER_CATEGORY_",
                    manager ? "MANAGER" : "PEDAGOGUE",
                    " ground: ORDER_GROUND_DEFICIT quarter: ", first ? 2 : 4, " } ");
    for (Learner* learner : learners) {
      learner->enrolment.set_training_order(name);
      learner->enrolment.set_order_line(line);
    }
  }
  Acts acts = Approved(desk, name, order, 100 + number);
  acts.push_back({"Orders/StartTrainingOrder", Text("name", name)});
  return acts;
}

// Orders that went another way: one nobody on offer answers, one returned, one taken back, one
// still being written.
std::vector<Acts> OtherOrders(const Desk& desk, const std::vector<Customer>& customers) {
  const auto name = [&](const char* what) { return desk.NameOf("trainingOrders", what); };
  const auto order = [&](size_t customer, const std::string& lines) {
    return absl::StrCat("year: ", desk.options().year, " ",
                        WhoAsks(customers[customer % customers.size()]), lines);
  };
  const auto line = [](const char* topic, int places, const char* ground,
                       const std::string& more = "") {
    return absl::StrCat("lines { id: 'topic' places: ", places, " topic_codes: '", topic,
                        "' listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_",
                        ground, " ", more, " } ");
  };
  // Of the school year before; they are answered within a year.
  const std::string found = On("ground_date", desk.options().year - 1, 6, 20);
  const auto begun = [&](const char* what, const std::string& fields) {
    return Acts{
        {"Orders/CreateTrainingOrder", Creation(desk, "training_order", name(what), fields)},
        {"Orders/SubmitTrainingOrder", Text("name", name(what))}};
  };
  std::vector<Acts> stories;
  stories.push_back(Approved(desk, UnmetOrder(desk), order(0, line(kUnmetTopic, 12, "DEFICIT")),
                             kOfBodies + kOfMunicipalities + 101));
  stories.push_back(begun("returned", order(1, line("robotics", 40, "LOW_RESULTS", found))));
  stories.back().push_back(
      {"Orders/ReturnTrainingOrder",
       absl::StrCat(Text("name", name("returned")),
                    Text("state_reason", "Уточните число мест: в организации 12 педагогов"))});
  stories.push_back(begun("withdrawn", order(2, line("attestation", 3, "ATTESTATION"))));
  stories.back().push_back(
      {"Orders/WithdrawTrainingOrder",
       absl::StrCat(Text("name", name("withdrawn")),
                    Text("state_reason", "Аттестация перенесена на следующий год"))});
  stories.push_back({begun("draft", order(3, line("mentoring", 5, "APPOINTMENT"))).front()});
  return stories;
}

}  // namespace

std::string UnmetOrder(const Desk& desk) { return desk.NameOf("trainingOrders", "nomads"); }

absl::Status OrderTraining(const Desk& desk, const Programmes& programmes,
                           std::vector<Learner>* learners) {
  std::vector<Customer> customers = ChooseCustomers(programmes, *learners);
  if (customers.empty()) return absl::OkStatus();
  std::vector<Acts> stories = OtherOrders(desk, customers);
  for (size_t i = 0; i < customers.size(); ++i) {
    stories.push_back(OrderOf(desk, customers[i], i + 1));
  }
  return desk.PlayAll(stories);
}

absl::Status ExecuteOrders(const Desk& desk) {
  v1::ListTrainingOrdersRequest list;
  list.set_parent(desk.parent());
  list.set_filter("state = IN_WORK");
  std::vector<TrainingOrder> orders;
  auto status = ForEachPage<v1::ListTrainingOrdersRequest, v1::ListTrainingOrdersResponse>(
      desk.session(), "rsnms.programs.v1.Orders/ListTrainingOrders", list, [&](const auto& page) {
        orders.insert(orders.end(), page.training_orders().begin(), page.training_orders().end());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return Together(orders.size(), [&](size_t i) -> absl::Status {
    const std::string name = Text("name", orders[i].name());
    const auto execution =
        desk.Ask<v1::TrainingOrderExecution>("Orders/GetTrainingOrderExecution", name);
    if (!execution.ok()) return execution.status();
    int lives = 0, ended = 0, dropped = 0;
    for (const auto& line : execution->lines()) {
      lives += line.applied() + line.learning();
      ended += line.completed() + line.dropped();
      dropped += line.dropped();
    }
    if (lives > 0 || ended == 0) return absl::OkStatus();
    const std::string why =
        dropped == 0 ? "" : Text("state_reason", absl::StrCat("Не завершили обучение: ", dropped));
    return desk.Do({"Orders/ExecuteTrainingOrder",
                    absl::StrCat(name, On("execution_date", desk.options().year, 6, 30), why)});
  });
}

}  // namespace rsnms::ctl
