#include "weir/lab/core_shares.h"

#include <algorithm>

namespace weir::lab {

Result<CoreShares> share_cores(const std::string& target_cores, const Cores& usable) {
  CoreShares shares;
  if (target_cores.empty()) return shares;
  shares.target = WEIR_TRY(parse_cores(target_cores, "target.cores"));
  for (const int core : shares.target)
    if (!std::binary_search(usable.begin(), usable.end(), core))
      return fail(Code::kUsage, "target.cores names core " + std::to_string(core),
                  "weir may use " + to_text(usable) + " here",
                  "name cores of these, or leave target.cores out");
  std::set_difference(usable.begin(), usable.end(), shares.target.begin(), shares.target.end(),
                      std::back_inserter(shares.weir));
  if (shares.weir.empty())
    return fail(Code::kUsage, "target.cores leaves no core for weir",
                "its generators and its observer need one besides " + to_text(shares.target),
                "name fewer cores, or leave target.cores out");
  return shares;
}

Result<std::string> pinned_cores(const Cores& usable) {
  if (usable.size() < 2)
    return fail(Code::kUsage, "--pin needs two cores", "weir may use only one here",
                "leave --pin out");
  const auto own = std::max<size_t>(1, usable.size() / 4);
  return to_text(Cores(usable.begin() + long(own), usable.end()));
}

}  // namespace weir::lab
