// Programmes that lines of orders and plans name, or that learners take by them.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_LINE_PROGRAMMES_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_LINE_PROGRAMMES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/training_order.pb.h"

namespace rsnms::programs {

// Whether a programme meant for `meant` is for `category`: for it, or for a whole its people are or
// may be part of (listeners.h: a mentor is a pedagogue or a manager).
bool IsFor(const std::vector<v1::ListenerCategory>& meant, v1::ListenerCategory category);

// Whether the programme, which a learner takes by the line, teaches what it asks for: the programme
// the line names; or one that covers a competency of the line; or, of a line that names topics
// alone, one that has a topic of it. Pure.
bool Teaches(const v1::Programme& programme, const v1::OrderLine& line);

// Programmes' listeners by name of the programme; empty for one that does not say whom it is for.
using MeantFor = absl::flat_hash_map<std::string, std::vector<v1::ListenerCategory>>;

// Whether a learner by the line may take the programme: it teaches what the line asks for and, when
// the line does not name it, is meant for the line's listeners. Of a programme the line names that
// was judged when the line was written. Pure.
bool Answers(const v1::Programme& programme, const MeantFor& meant, const v1::OrderLine& line);

// Whether a line may name the programme: LINE_PROGRAMME_MISMATCH when it covers none of the line's
// competencies, LINE_CATEGORY_MISMATCH when it is not meant for the line's listeners; at `path`.
// `meant` empty: the programme does not say whom it is for. Pure.
absl::Status CheckLineProgramme(const v1::OrderLine& line, const v1::Programme& programme,
                                const std::vector<v1::ListenerCategory>& meant,
                                std::string_view path);

// A line with its place among the resource's.
using PlacedLine = std::pair<int, v1::OrderLine>;

// The programmes the lines name exist in the region (REFERENCE_NOT_FOUND at `lines[i].programme`)
// and may be named by them. Asked of what people wrote: what a programme became later is not the
// fault of the line.
absl::Status CheckLineProgrammes(pg::Tx& tx, const resource::Engine& engine,
                                 std::string_view region, const std::vector<PlacedLine>& lines);

// Whom the programmes, of one region, are meant for: the categories their shown version says, else
// pedagogues or managers as a whole, as they say themselves.
absl::StatusOr<MeantFor> LoadMeant(pg::Tx& tx, std::string_view region,
                                   const std::vector<const v1::Programme*>& programmes);

// Living programmes of the region by name; what is no id is passed over.
absl::StatusOr<absl::flat_hash_map<std::string, v1::Programme>> LoadProgrammes(
    pg::Tx& tx, const resource::Engine& engine, std::string_view region,
    std::vector<std::string> ids);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_LINE_PROGRAMMES_H_
