// A resource turned out to be another: what refers to the one comes to refer to the other, and
// back.
//
// Every reference is remembered by what it named at first (table `repointed`). So merges of merged
// resources, and their separation in any order, restore exactly what each row named: what was
// recorded about the survivor since stays with the survivor.
#ifndef RSNMS_LIBS_RESOURCE_REPOINT_H_
#define RSNMS_LIBS_RESOURCE_REPOINT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"

namespace rsnms::resource {

struct Repointed {
  int count = 0;  // references written
  // Rows the database refused to write (an exclusion or unique constraint of the referring row):
  // they refer to what they referred to at first.
  std::vector<std::string> refused;
};

// Makes every reference of this engine's rows, deleted ones too, that named one of `originals` at
// first name `present`; those of `present` itself return. All are names of `target_type` in one
// region. Asks no rules: what a row says does not change. Repeatable: doing it again does nothing.
// A reference somebody changed meanwhile is left alone. Give the whole region in scope.
absl::StatusOr<Repointed> Repoint(pg::Tx& tx, const Engine& engine, const journal::Author& author,
                                  std::string_view target_type,
                                  const std::vector<std::string>& originals,
                                  const std::string& present);

// Keeps what the resources' owner says: each name, and the name it goes by now (itself when it
// stands alone). Table `redirected`; all of `target_type`.
absl::Status RememberTargets(pg::Tx& tx, std::string_view target_type,
                             const std::map<std::string, std::string>& targets);

// Names that some row names, or named at first, though it should name another by what
// RememberTargets kept; with the name it should. Only those that are, or should come to name, one
// of `among`, unless that is null. Left out until then: whose present name is itself not its own.
absl::StatusOr<std::map<std::string, std::string>> FindUnsettled(
    pg::Tx& tx, const Engine& engine, std::string_view target_type,
    const std::vector<std::string>* among);

// A row's owner sets or clears the field: what it named at first does not matter any more.
absl::Status ForgetRepointed(pg::Tx& tx, std::string_view resource_type, const std::string& name,
                             std::string_view field);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_REPOINT_H_
