// The catalogue's files as messages, for tests and tools that run inside the tree.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_CATALOGUE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_CATALOGUE_H_

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rsnms/diagnostics/v1/competency.pb.h"
#include "rsnms/diagnostics/v1/instrument.pb.h"

namespace rsnms::diagnostics {

inline constexpr std::array<std::string_view, 4> kInstrumentFiles = {
    "difficulties-preschool-1", "difficulties-school-1", "difficulties-additional-1",
    "observation-functional-literacy-1"};

// Reads `{directory}/competencies.textproto` with the region's code in place of the hyphen in
// `regions/-/`. INTERNAL when the file is absent or does not parse.
absl::StatusOr<v1::CompetencyCatalogue> ReadCompetencies(const std::string& directory,
                                                         std::string_view region);
// Reads `{directory}/{file}.textproto` likewise.
absl::StatusOr<v1::Instrument> ReadInstrument(const std::string& directory, std::string_view file,
                                              std::string_view region);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_CATALOGUE_H_
