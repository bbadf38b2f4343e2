#include "weir/lab/ledgers.h"

#include <algorithm>
#include <filesystem>

#include "weir/lab/offered.h"

namespace weir::lab {

Result<std::vector<Ledger>> read_ledgers(const std::string& folder) {
  std::vector<Ledger> ledgers;
  auto folders = generator_folders(folder);
  folders.push_back(folder);
  for (const auto& each : folders) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(each, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("ledger-"))
        ledgers.push_back(WEIR_TRY_IN(name, Ledger::read(entry.path().string())));
    }
  }
  std::sort(ledgers.begin(), ledgers.end(),
            [](const Ledger& a, const Ledger& b) { return a.producer < b.producer; });
  return ledgers;
}

uint64_t count(const std::vector<Ledger>& ledgers, Outcome outcome) {
  uint64_t total = 0;
  for (const auto& ledger : ledgers) total += ledger.count(outcome);
  return total;
}

}  // namespace weir::lab
