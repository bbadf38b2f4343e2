#include <charconv>
#include <csignal>

#include "weir/engine/options.h"

namespace weir::engine {
namespace {
struct Named {
  const char* name;
  Point point;
};
constexpr Named kPoints[] = {
    {"before:offsets", Point::kBeforeOffsets}, {"after:offsets", Point::kAfterOffsets},
    {"before:sent", Point::kBeforeSent},       {"during:sent", Point::kDuringSent},
    {"after:sent", Point::kAfterSent},         {"before:acked", Point::kBeforeAcked},
    {"after:acked", Point::kAfterAcked},       {"before:output", Point::kBeforeOutput},
    {"after:output", Point::kAfterOutput},     {"before:commits", Point::kBeforeCommits},
    {"after:commits", Point::kAfterCommits},
};
}  // namespace

Result<Hook> parse_crash_hook(const std::string& text) {
  for (const auto& [name, point] : kPoints) {
    if (!text.starts_with(name)) continue;
    std::string_view rest(text);
    rest.remove_prefix(std::string_view(name).size());
    int64_t at_batch = -1;
    if (rest.starts_with(':')) {
      const auto parsed = std::from_chars(rest.data() + 1, rest.data() + rest.size(), at_batch);
      if (parsed.ec != std::errc{} || parsed.ptr != rest.data() + rest.size()) break;
    } else if (!rest.empty()) {
      break;
    }
    return [point = point, at_batch](Point here, int64_t batch) -> Status {
      if (here == point && (at_batch < 0 || at_batch == batch)) std::raise(SIGKILL);
      return {};
    };
  }
  return fail(Code::kUsage, "no such moment to crash at: " + text,
              "moments are named like before:offsets or after:sent:3 (batch 3)",
              "use before, during or after with offsets, sent, acked, output or commits");
}

}  // namespace weir::engine
