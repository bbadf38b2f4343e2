// The flags of weir compare.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "weir/compare/pair_runs.h"

namespace weir::cli {

struct CompareFlags {
  std::vector<std::string> sides;  // runs, or with --run plans
  bool run = false, quick = false, yes = false, force = false, quiet = false;
  int pairs = compare::kPairsDefault, noise_pairs = 0;
  double rate = 0;
  uint64_t seed = 0;
  bool seed_given = false;
  std::string out, resume, base_weir, head_weir;
  std::vector<std::string> settings, base_settings, head_settings, allow;
  std::string gate, allowed, primary, unsure = "pass";
  std::string json, markdown, junit;
};
void add_compare_flags(CLI::App& app, CompareFlags& flags);

}  // namespace weir::cli
