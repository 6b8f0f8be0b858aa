// A resource turned out to be another: what refers to the one comes to refer to the other, and
// back.
//
// Every reference is remembered by what it named at first (table `repointed`). So merges of merged
// resources, and their separation in any order, restore exactly what each row named: what was
// recorded about the survivor since stays with the survivor.
#ifndef RSNMS_LIBS_RESOURCE_REPOINT_H_
#define RSNMS_LIBS_RESOURCE_REPOINT_H_

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
  // they refer to what they referred to.
  std::vector<std::string> refused;
};

// Makes every reference of this engine's rows, deleted ones too, that named `original` at first
// name `present`; with `present` = `original` they return. Both are names of `target_type` in one
// region. Asks no rules: what a row says does not change. Repeatable: doing it again does nothing.
// A reference somebody changed meanwhile is left alone. Give the whole region in scope.
absl::StatusOr<Repointed> Repoint(pg::Tx& tx, const Engine& engine, const journal::Author& author,
                                  std::string_view target_type, const std::string& original,
                                  const std::string& present);

// Those of `names` that some row named at first and does not name now.
absl::StatusOr<std::vector<std::string>> FindRepointed(pg::Tx& tx, std::string_view target_type,
                                                       const std::vector<std::string>& names);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_REPOINT_H_
