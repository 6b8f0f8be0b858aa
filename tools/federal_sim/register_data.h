// An invented federal register: the same seed gives the same programmes on every machine.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_REGISTER_DATA_H_
#define RSNMS_TOOLS_FEDERAL_SIM_REGISTER_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "rsnms/federal/v1/programme_register.pb.h"

namespace rsnms::federal_sim {

// The institute of Yugra, whose programmes are a third of the register. Its ИНН is invented, as all
// of them; the check digits are right.
inline constexpr char kInstituteInn[] = "8601999991";
inline constexpr char kInstituteTitle[] =
    "Автономное учреждение дополнительного профессионального образования "
    "Ханты-Мансийского автономного округа – Югры «Институт развития образования»";

// ИНН with its check digit, of nine leading digits.
std::string InnOf(const std::string& nine_digits);

// `count` programmes numbered `DPP-000001` and on. Titles, hours, forms, competencies (codes of
// the catalogue of diagnostics) and topics are plausible; every provider's programmes cover several
// groups.
std::vector<federal::v1::Programme> GenerateRegister(int count, uint64_t seed);

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_REGISTER_DATA_H_
