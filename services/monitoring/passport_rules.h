// Life of a passport: the transition table, entries typed by people, remarks, differences. Pure.
#ifndef RSNMS_SERVICES_MONITORING_PASSPORT_RULES_H_
#define RSNMS_SERVICES_MONITORING_PASSPORT_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"
#include "rsnms/monitoring/v1/passport.pb.h"

namespace rsnms::monitoring {

// True when the one transition table allows it.
bool MayPass(v1::Passport::State from, v1::Passport::State to);
// FAILED_PRECONDITION PASSPORT_TRANSITION when it does not; otherwise sets the state.
absl::Status Pass(v1::Passport& passport, v1::Passport::State to);

// Rule of every write of a passport: states move by the table, blocks and entries change in DRAFT
// only (remarks apart), what was frozen stays, only drafts are deleted. When the entries of a draft
// changed, completes the blocks from them.
absl::Status CheckPassport(resource::Change change, const v1::Passport* before,
                           v1::Passport* after);

// Puts the entries into the blocks' manual fields; a manual field without entry says that it was
// not filled. INVALID_ARGUMENT PASSPORT_FIELD for a field that is unknown, computed or named twice,
// or an entry that is not exactly one of value, text and reason.
absl::Status FillManualFields(v1::Passport& passport);

// Puts the operator's answer into the passport: receipt, remarks at the fields they name, the state
// that follows. DATA_LOSS RECEIPT_MISMATCH when it speaks of other bytes or another passport.
absl::Status TakeReceipt(v1::Passport& passport, const federal::v1::PassportReceipt& receipt);

// Field by field, in the order of `before`, then what only `after` has.
std::vector<v1::PassportDifference> Differences(const v1::Passport& before,
                                                const v1::Passport& after);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PASSPORT_RULES_H_
