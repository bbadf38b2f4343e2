#include "weir/lab/sampler.h"

#include <fmt/format.h>

#include "weir/lab/resources.h"
#include "weir/sys/machine_use.h"

namespace weir::lab {

Sampler::Sampler(const std::string& path, Nanos origin, std::string data)
    : out_(path), origin_(origin), data_(std::move(data)) {
  out_ << "second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes\n";
}

void Sampler::sample(const std::vector<std::pair<std::string, ProcessId>>& processes, Nanos now,
                     bool force) {
  if (now < next_ && !force) return;
  next_ = now + nanos_from_seconds(1);
  const auto write = [&](const std::string& name, int64_t pid, const ProcessUse& use) {
    out_ << fmt::format("{:.3f},{},{},{:.2f},{},{},{}\n", (now - origin_).seconds(), name, pid,
                        use.cpu_seconds, use.resident_bytes, use.read_bytes, use.written_bytes);
  };
  for (const auto& [name, process] : processes)
    if (const auto use = use_of(process)) write(name, process.pid, *use);
  if (const auto machine = machine_use()) {
    write(kMachineRow, 0, {.cpu_seconds = machine->busy_seconds});
    write(kStolenRow, 0, {.cpu_seconds = machine->stolen_seconds});
  }
  if (const auto disk = device_use(data_))
    write(kDiskRow, 0, {disk->busy_seconds, 0, disk->read_bytes, disk->written_bytes});
  out_.flush();
}

}  // namespace weir::lab
