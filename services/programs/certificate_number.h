// Numbers of documents: how they are compared, and who has them.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATE_NUMBER_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATE_NUMBER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"

namespace rsnms::programs {

// What is compared of a number, or of a series and the number after it: letters and digits, in
// capitals, Ё as Е, and Latin letters that look like Cyrillic ones as those. White space, ASCII
// punctuation, №, and Unicode's dashes and quotation marks are left out. Empty when nothing is
// left. The database computes the same (certificate_key(), migration 0016) for the columns
// `number_key`.
std::string NumberKey(std::string_view text);

// Makes whoever completes or issues under one of the numbers wait for each other until the
// transaction ends: certificates and completions of an issuer share their numbers, and no index
// covers both. `issuer_keys` and `number_keys` have one length.
absl::Status HoldNumbers(pg::Tx& tx, std::string_view region_code,
                         const std::vector<std::string>& issuer_keys,
                         const std::vector<std::string>& number_keys);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATE_NUMBER_H_
