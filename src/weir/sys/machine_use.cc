#include "weir/sys/machine_use.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace weir {
namespace {

// The number that the text begins with, after blanks; nothing is taken where there is none.
std::optional<uint64_t> take_number(std::string_view& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  uint64_t number = 0;
  const auto read = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  text.remove_prefix(size_t(read.ptr - text.data()));
  return number;
}

enum Column { kUser, kNice, kSystem, kIdle, kWaiting, kHardIrq, kSoftIrq, kStolen, kColumns };

}  // namespace

std::optional<MachineUse> parse_machine_use(std::string_view text, double ticks_per_second) {
  constexpr std::string_view kHead = "cpu ";
  if (!text.starts_with(kHead)) return std::nullopt;
  text = text.substr(kHead.size(), text.find('\n') - kHead.size());
  double seconds[kColumns];
  for (double& column : seconds) {
    const auto ticks = take_number(text);
    if (!ticks) return std::nullopt;
    column = double(*ticks) / ticks_per_second;
  }
  // A guest's time is in user's already.
  return MachineUse{
      seconds[kUser] + seconds[kNice] + seconds[kSystem] + seconds[kHardIrq] + seconds[kSoftIrq],
      seconds[kStolen]};
}

std::optional<DeviceUse> parse_device_use(std::string_view text, unsigned major, unsigned minor) {
  constexpr double kSectorBytes = 512;  // whatever the device's own are
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (take_number(line) != major || take_number(line) != minor) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    line.remove_prefix(std::min(line.find(' '), line.size()));  // its name
    // Reads, merged, sectors, ms; the same of writes; in flight, ms busy.
    std::optional<uint64_t> columns[10];
    for (auto& column : columns) column = take_number(line);
    if (!columns[9]) return std::nullopt;
    return DeviceUse{double(*columns[9]) / 1e3, int64_t(double(*columns[2]) * kSectorBytes),
                     int64_t(double(*columns[6]) * kSectorBytes)};
  }
  return std::nullopt;
}

std::optional<MachineUse> machine_use() {
  std::ifstream in("/proc/stat");
  std::string line;
  std::getline(in, line);
  return parse_machine_use(line, double(sysconf(_SC_CLK_TCK)));
}

std::optional<DeviceUse> device_use(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  std::ifstream in("/proc/diskstats");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_device_use(text, major(status.st_dev), minor(status.st_dev));
}

}  // namespace weir
