
#include "weir/base/parse_number.h"
#include "weir/event/result.h"

namespace weir {
namespace {
constexpr std::string_view kKind = "weir-kind", kQuery = "weir-query", kBatch = "weir-batch",
                           kAttempt = "weir-attempt";
constexpr std::string_view kReceipt = "receipt", kEvent = "event", kFence = "fence";

std::string_view name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::kReceipt:
      return kReceipt;
    case OutputKind::kEvent:
      return kEvent;
    case OutputKind::kFence:
      break;
  }
  return kFence;
}

std::optional<int64_t> count_in(std::string_view text) {
  const auto number = parse_number<int64_t>(text);
  return number >= 0 ? number : std::nullopt;
}
}  // namespace

HeaderList to_headers(const OutputHeaders& headers) {
  HeaderList list{{std::string(kKind), std::string(name_of(headers.kind))},
                  {std::string(kQuery), headers.query}};
  if (headers.kind != OutputKind::kFence) list.emplace_back(kBatch, std::to_string(headers.batch));
  list.emplace_back(kAttempt, std::to_string(headers.attempt));
  return list;
}

std::optional<OutputHeaders> from_headers(
    const std::vector<std::pair<std::string_view, std::string_view>>& headers) {
  OutputHeaders found;
  bool has_kind = false, has_query = false, has_attempt = false;
  for (const auto& [name, value] : headers) {
    if (name == kKind) {
      has_kind = value == kReceipt || value == kEvent || value == kFence;
      if (!has_kind) return std::nullopt;
      found.kind = value == kReceipt ? OutputKind::kReceipt
                   : value == kEvent ? OutputKind::kEvent
                                     : OutputKind::kFence;
    } else if (name == kQuery) {
      has_query = !value.empty();
      found.query = value;
    } else if (name == kBatch) {
      found.batch = count_in(value).value_or(-1);
    } else if (name == kAttempt) {
      const auto attempt = count_in(value);
      if (!attempt) return std::nullopt;
      has_attempt = true;
      found.attempt = *attempt;
    }
  }
  if (!has_kind || !has_query || !has_attempt) return std::nullopt;
  return found;
}

bool FenceFilter::accept(PartitionId partition, const OutputHeaders& headers) {
  auto& fences = highest_[partition.value];
  const auto fence = fences.find(headers.query);
  if (headers.kind == OutputKind::kFence) {
    if (fence == fences.end())
      fences.emplace(headers.query, headers.attempt);
    else if (fence->second < headers.attempt)
      fence->second = headers.attempt;
    return false;
  }
  const bool stale = fence != fences.end() && headers.attempt < fence->second;
  dropped_ += stale;
  return !stale;
}

}  // namespace weir
