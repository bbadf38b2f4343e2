// What all programs of this machine together took of its cores and of a disk, and what its
// hypervisor took from it: whether something else ran beside a measurement, and what was full.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// CPU seconds since the machine's start, over all cores.
struct MachineUse {
  double busy_seconds = 0;    // of programs and of the kernel
  double stolen_seconds = 0;  // wanted, but given to another guest of the same host
};
// Empty where the system does not tell (/proc/stat).
std::optional<MachineUse> machine_use();
// The first line of /proc/stat [proc(5)], its ticks a hundredth of a second unless told otherwise.
std::optional<MachineUse> parse_machine_use(std::string_view text, double ticks_per_second = 100);

// Since the machine's start, of the block device that holds `path`.
struct DeviceUse {
  double busy_seconds = 0;  // in which a request was on its way
  int64_t read_bytes = 0, written_bytes = 0;
};
// Empty where `path` lies on no block device (tmpfs, overlay, network).
std::optional<DeviceUse> device_use(const std::string& path);
// The line of /proc/diskstats with these numbers [Linux, Documentation/admin-guide/iostats].
std::optional<DeviceUse> parse_device_use(std::string_view text, unsigned major, unsigned minor);

}  // namespace weir
