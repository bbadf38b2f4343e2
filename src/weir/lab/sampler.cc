#include "weir/lab/sampler.h"

#include <fmt/format.h>

namespace weir::lab {

Sampler::Sampler(const std::string& path, Nanos origin) : out_(path), origin_(origin) {
  out_ << "second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes\n";
}

void Sampler::sample(const std::vector<std::pair<std::string, ProcessId>>& processes, Nanos now,
                     bool force) {
  if (now < next_ && !force) return;
  next_ = now + nanos_from_seconds(1);
  for (const auto& process : processes) {
    const auto use = use_of(process.second);
    if (!use) continue;
    latest_[process] = *use;
    if (now <= origin_) before_[process] = use->cpu_seconds;
    out_ << fmt::format("{:.3f},{},{},{:.2f},{},{},{}\n", (now - origin_).seconds(), process.first,
                        process.second.pid, use->cpu_seconds, use->resident_bytes, use->read_bytes,
                        use->written_bytes);
  }
  out_.flush();
}

std::map<std::string, double> Sampler::cpu_seconds() const {
  std::map<std::string, double> total;
  for (const auto& [process, use] : latest_) {
    const auto before = before_.find(process);
    total[process.first] += use.cpu_seconds - (before == before_.end() ? 0 : before->second);
  }
  return total;
}

}  // namespace weir::lab
