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

Status write_summary(const std::string& markdown, const std::string& file) {
  const char* job = std::getenv("GITHUB_STEP_SUMMARY");
  if (!file.empty()) WEIR_TRY(write(file, "w", markdown));
  if (job != nullptr && *job != '\0') return write(job, "a", markdown + "\n");
  return {};
}

void write_summaries(const run::RunResult& result, const std::string& file) {
  if (const auto done = write_summary(report::markdown(result), file); !done)
    std::fprintf(stderr, "weir: %s\n", to_text(done.error()).c_str());
}

}  // namespace weir::cli
