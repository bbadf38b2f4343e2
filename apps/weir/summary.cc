#include "apps/weir/summary.h"

#include <cstdio>
#include <cstdlib>

#include "weir/base/result.h"
#include "weir/report/markdown.h"

namespace weir::cli {
namespace {

Status write(const std::string& path, const char* mode, const std::string& text) {
  std::FILE* out = std::fopen(path.c_str(), mode);
  if (out == nullptr) return tl::unexpected(error_from_errno(errno, "write", path));
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  if (std::fclose(out) != 0 || !written)
    return tl::unexpected(error_from_errno(errno, "write", path));
  return {};
}

}  // namespace

void write_summaries(const run::RunResult& result, const std::string& file) {
  const std::string text = report::markdown(result);
  const char* job = std::getenv("GITHUB_STEP_SUMMARY");
  Status done;
  if (!file.empty()) done = write(file, "w", text);
  if (done && job != nullptr && *job != '\0') done = write(job, "a", text + "\n");
  if (!done) std::fprintf(stderr, "weir: %s\n", to_text(done.error()).c_str());
}

}  // namespace weir::cli
