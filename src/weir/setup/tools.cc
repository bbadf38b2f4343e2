#include "weir/setup/tools.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "weir/sys/net.h"
#include "weir/sys/process.h"

namespace weir::setup {
namespace {

constexpr Nanos kLookAgain = nanos_from_millis(50);
constexpr size_t kTextBytesMax = 1 << 20;  // of a program's output; the end of it is kept

std::string tail_of(const Fd& file) {
  const off_t size = lseek(file.get(), 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - off_t(kTextBytesMax));
  std::string text(size_t(std::max<off_t>(0, size - from)), '\0');
  const ssize_t n = pread(file.get(), text.data(), text.size(), from);
  text.resize(size_t(std::max<ssize_t>(0, n)));
  return text;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name, const Places& places) {
  std::string_view rest = places.path;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, end)) + "/" + name;
    std::error_code ignored;
    if (end > 0 && access(file.c_str(), X_OK) == 0 &&
        std::filesystem::is_regular_file(file, ignored))
      return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

Result<Outcome> run_tool(const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment,
                         const Places& places, const Cancelled& cancelled) {
  // A file without a name takes the output: nothing to clean up, whatever happens.
  const Fd output(memfd_create("weir-output", MFD_CLOEXEC));
  if (!output) return tl::unexpected(error_from_errno(errno, "make", "a file in memory"));
  Spawn spawn;
  spawn.arguments = arguments;
  spawn.environment = environment;
  spawn.environment["PATH"] = places.path;
  spawn.stdout_path = spawn.stderr_path = "/proc/self/fd/" + std::to_string(output.get());
  Child child = WEIR_TRY(Child::start(spawn));
  for (;;) {
    if (auto status = child.wait(kLookAgain)) return Outcome{*status, tail_of(output)};
    if (!cancelled || !cancelled()) continue;
    child.stop(nanos_from_seconds(2));
    return fail(Code::kInterrupted, "interrupted", arguments[0] + " was stopped",
                "the same command again starts where it can");
  }
}

}  // namespace weir::setup
