// federal_sim: stands in for the federal operator. See README.md beside this file for its flags.
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "libs/auth/verifier.h"
#include "tools/federal_sim/misbehaviour.h"
#include "tools/federal_sim/sim.h"

namespace {

// Flags `--name value` or `--name=value`; RSNMS_<NAME> of the environment stands for a flag that is
// not given.
std::map<std::string, std::string> ReadFlags(int argc, char** argv) {
  std::map<std::string, std::string> flags;
  for (const char* name : {"jwks", "issuer", "roles"}) {
    std::string variable = std::string("RSNMS_") + name;
    for (char& c : variable) c = static_cast<char>(std::toupper(c));
    if (const char* value = std::getenv(variable.c_str())) flags[name] = value;
  }
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word.rfind("--", 0) != 0) continue;
    const size_t equals = word.find('=');
    std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    for (char& c : name) c = c == '-' ? '_' : c;
    if (equals != std::string::npos) {
      flags[name] = word.substr(equals + 1);
    } else if (i + 1 < argc) {
      flags[name] = argv[++i];
    }
  }
  return flags;
}

// `3:INCOMPLETE:Укажите площадки`.
rsnms::federal_sim::Remark ReadRemark(const std::string& text) {
  std::istringstream in(text);
  std::string block, code, words;
  std::getline(in, block, ':');
  std::getline(in, code, ':');
  std::getline(in, words);
  return {
      .block_number = std::atoi(block.c_str()), .item_code = "", .code = code, .text_ru = words};
}

int Fail(const absl::Status& status) {
  std::cerr << "federal_sim: " << status.message() << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rsnms;
  auto flags = ReadFlags(argc, argv);
  auth::VerifierOptions verifier_options;
  verifier_options.jwks = flags["jwks"];
  verifier_options.issuer = flags["issuer"];
  verifier_options.roles_file = flags["roles"];
  auto verifier = auth::Verifier::Create(verifier_options);
  if (!verifier.ok()) return Fail(verifier.status());
  auto misbehaviour = federal_sim::ParseMisbehaviour(flags["misbehave"]);
  if (!misbehaviour.ok()) return Fail(misbehaviour.status());
  auto desk = federal_sim::ParseDeskMisbehaviour(flags["misbehave_desk"]);
  if (!desk.ok()) return Fail(desk.status());
  federal_sim::SimOptions options;
  if (flags.contains("listen")) options.listen = flags["listen"];
  if (flags.contains("programmes")) options.programmes = std::atoi(flags["programmes"].c_str());
  if (flags.contains("seed")) options.seed = std::strtoull(flags["seed"].c_str(), nullptr, 10);
  options.state_file = flags["state"];
  auto sim = federal_sim::Sim::Start(options, verifier->get());
  if (!sim.ok()) return Fail(sim.status());
  (*sim)->programme_register().Set(*misbehaviour);
  (*sim)->submissions().Set(*desk);
  if (flags.contains("return")) (*sim)->passports().SetRemarks({ReadRemark(flags["return"])});
  (*sim)->server().ServeUntilSignal();
  return 0;
}
