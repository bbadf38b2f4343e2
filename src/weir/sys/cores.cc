#include "weir/sys/cores.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace weir {
namespace {

bool take_core(std::string_view& text, int& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || number < 0 || number >= CPU_SETSIZE) return false;
  text.remove_prefix(size_t(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<Cores> parse_cores(const std::string& text, const std::string& what) {
  Cores cores;
  std::string_view rest = text;
  do {
    int first = 0, last = 0;
    bool good = take_core(rest, first);
    last = first;
    if (good && take(rest, '-')) good = take_core(rest, last) && first <= last;
    if (!good)
      return fail(Code::kUsage, what + " \"" + text + "\" is no list of cores",
                  "it must be numbers and ranges of them, with commas",
                  "write for example \"0,2-5\"; nproc says how many there are");
    for (int core = first; core <= last; ++core) cores.push_back(core);
  } while (take(rest, ','));
  if (!rest.empty())
    return fail(Code::kUsage, what + " \"" + text + "\" is no list of cores",
                "\"" + std::string(rest) + "\" follows after one", "write for example \"0,2-5\"");
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  return cores;
}

std::string to_text(const Cores& cores) {
  std::string text;
  for (size_t i = 0; i < cores.size();) {
    size_t last = i;
    while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cores[i]);
    if (last > i) text += "-" + std::to_string(cores[last]);
    i = last + 1;
  }
  return text;
}

Cores usable_cores() {
  cpu_set_t set;
  Cores cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(size_t(core), &set)) cores.push_back(core);
  return cores;
}

Status run_on(const Cores& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(size_t(core), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0)
    return tl::unexpected(error_from_errno(errno, "run on the cores", to_text(cores)));
  return {};
}

}  // namespace weir
