// A/A pairs: one system measured against itself, kept per machine. They test the method, and tell
// what a number of pairs can decide.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/compare/comparison.h"

namespace weir::compare {

struct NoiseMetric {
  std::string metric;
  std::vector<double> log_ratios;  // of each pair
  double spread = 0;               // their standard deviation
  // Of all ways to swap the sides within pairs, the share called different from no change (5% is
  // what the method promises).
  double called_different = 0;
};
struct Noise {
  std::string measured;  // when, UTC
  double rate_eps = 0;
  std::vector<NoiseMetric> metrics;
};

inline constexpr int kNoisePairsMin = 10;

// Of the paired measures of an A/A comparison with at least 3 pairs.
Noise noise_of(const Comparison& comparison, const std::string& measured, double rate_eps);

// What noise depends on: the fingerprint without the rate and weir's version.
std::string noise_key(const Fingerprint& fingerprint);
// <cache>/noise/<key>.json. Reading gives nothing when there is none or it cannot be read.
Status store_noise(const std::string& cache, const std::string& key, const Noise& noise);
std::optional<Noise> load_noise(const std::string& cache, const std::string& key);
std::string to_json(const Noise& noise);

// "cpu_s_per_million varies by 2.1% from pair to pair (10 A/A pairs); 7 pairs decide changes from
// +6.4% on"; a sentence for each metric.
std::vector<std::string> noise_sentences(const Noise& noise, int64_t pairs, double allowed);

}  // namespace weir::compare
