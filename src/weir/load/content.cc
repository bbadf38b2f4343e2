#include "weir/load/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "weir/base/check.h"
#include "weir/base/parse_number.h"
#include "weir/load/random_stream.h"

namespace weir::load {
namespace {

// Streams of one seed that must not resemble each other.
constexpr uint64_t kOfKeys = 0x6B657973, kOfSizes = 0x73697A65, kOfPayloads = 0x70617964;
constexpr double kExponentMax = 10, kSigmaMax = 3, kDeviations = 4;
constexpr double kTwoPi = 6.283185307179586;

// What stands before and behind the first `at`; nothing where there is none.
std::optional<std::pair<std::string_view, std::string_view>> halves(std::string_view text,
                                                                    std::string_view at) {
  const size_t found = text.find(at);
  if (found == std::string_view::npos) return std::nullopt;
  return std::pair(text.substr(0, found), text.substr(found + at.size()));
}

tl::unexpected<Error> refuse(const std::string& key, std::string_view text, const char* why,
                             const char* grammar) {
  return fail(Code::kUsage, fmt::format("{} cannot be \"{}\"", key, text), why, grammar);
}

// (exp(x) - 1) / x and ln(1 + x) / x, which are 1 at 0.
double expm1_over(double x) { return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2; }
double log1p_over(double x) { return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2; }

// The integral of x^-s and its inverse: (x^(1-s) - 1) / (1 - s), which is ln x at s = 1.
double integral(double x, double s) {
  const double log = std::log(x);
  return expm1_over((1 - s) * log) * log;
}
double integral_inverse(double y, double s) {
  return std::exp(log1p_over(std::max(y * (1 - s), -1.0)) * y);
}

constexpr std::string_view kWords[] = {
    "the",     "of",      "and",    "order",   "item",    "to",      "in",     "customer",
    "a",       "is",      "paid",   "basket",  "for",     "with",    "search", "page",
    "view",    "from",    "that",   "country", "price",   "on",      "stream", "mobile",
    "session", "checked", "by",     "it",      "browser", "product", "city",   "delivery",
    "at",      "late",    "window", "early",   "event",   "was",     "result", "returned",
    "north",   "south",   "card",   "invoice", "address", "not",     "found",  "clicked",
    "again",   "before",  "after",  "morning", "evening", "this",    "market", "quarter",
    "red",     "green",   "large",  "small",   "blue",    "weight",  "metre",  "answer"};
constexpr size_t kWordCount = std::size(kWords);
static_assert(kWordCount == 64);
constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kRoom = 16;  // words and letters are copied in blocks, into room behind the end

}  // namespace

Result<KeyLaw> KeyLaw::parse(std::string_view text, const std::string& key) {
  constexpr const char* kGrammar =
      "write round_robin, user_id, uniform:1000 or zipf:1000:1.1 (keys : exponent)";
  KeyLaw law;
  if (text == "round_robin") return law;
  law.kind_ = Kind::kUserId;
  if (text == "user_id") return law;
  const auto form = halves(text, ":");
  if (!form || (form->first != "uniform" && form->first != "zipf"))
    return refuse(key, text, "there is no such way to choose keys", kGrammar);
  std::string_view count = form->second;
  law.kind_ = Kind::kUniform;
  if (form->first == "zipf") {
    law.kind_ = Kind::kZipf;
    const auto parts = halves(count, ":");
    const auto exponent = parts ? parse_number<double>(parts->second) : std::nullopt;
    if (!exponent || !(*exponent > 0 && *exponent <= kExponentMax))
      return refuse(key, text, "its exponent must be a number above 0 and at most 10", kGrammar);
    law.exponent_ = *exponent;
    count = parts->first;
  }
  const auto keys = parse_number<uint64_t>(count);
  if (!keys || *keys == 0 || *keys > kKeysMax)
    return refuse(key, text, "it must have 1 to 100,000,000 keys", kGrammar);
  law.keys_ = *keys;
  law.first_ = integral(1.5, law.exponent_) - 1;
  law.last_ = integral(double(law.keys_) + 0.5, law.exponent_);
  law.squeeze_ = 2 - integral_inverse(integral(2.5, law.exponent_) - std::pow(2, -law.exponent_),
                                      law.exponent_);
  return law;
}

std::string KeyLaw::text() const {
  switch (kind_) {
    case Kind::kRoundRobin:
      return "round_robin";
    case Kind::kUserId:
      return "user_id";
    case Kind::kUniform:
      return fmt::format("uniform:{}", keys_);
    case Kind::kZipf:
      break;
  }
  return fmt::format("zipf:{}:{}", keys_, exponent_);
}

uint64_t KeyLaw::user(uint64_t seed, uint64_t index) const {
  if (is_counted()) return index % keys_;
  if (kind_ == Kind::kZipf) return draw_zipf(seed, index);
  RandomStream stream(seed ^ kOfKeys, index);
  return uint64_t(static_cast<unsigned __int128>(stream.next()) * keys_ >> 64);
}

// Rejection-inversion: W. Hoermann, G. Derflinger, "Rejection-inversion to generate variates from
// monotone discrete distributions", ACM TOMACS 6 (1996). Needs no table, whatever the number of
// keys, and rejects less than one draw in five.
uint64_t KeyLaw::draw_zipf(uint64_t seed, uint64_t index) const {
  RandomStream stream(seed ^ kOfKeys, index);
  while (true) {
    const double u = last_ + stream.unit() * (first_ - last_);
    const double x = integral_inverse(u, exponent_);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, double(keys_));
    if (k - x <= squeeze_ || u >= integral(k + 0.5, exponent_) - std::pow(k, -exponent_))
      return uint64_t(k) - 1;
  }
}

Result<SizeLaw> SizeLaw::parse(std::string_view text, const std::string& key) {
  constexpr const char* kGrammar =
      "write fixed, uniform:150..400 or lognormal:300:0.8 (median : deviation of the logarithm)";
  SizeLaw law;
  if (text == "fixed") return law;
  const auto form = halves(text, ":");
  const auto fits = [](std::optional<int> size) {
    return size && *size >= kLeast && *size <= kMost;
  };
  if (form && form->first == "uniform") {
    const auto ends = halves(form->second, "..");
    const auto low = ends ? parse_number<int>(ends->first) : std::nullopt;
    const auto high = ends ? parse_number<int>(ends->second) : std::nullopt;
    if (!fits(low) || !fits(high) || *low > *high)
      return refuse(key, text, "both sizes must be from 120 to 1,000,000, the lower one first",
                    kGrammar);
    law.kind_ = Kind::kUniform;
    law.low_ = *low, law.high_ = *high;
    return law;
  }
  if (!form || form->first != "lognormal")
    return refuse(key, text, "there is no such law of sizes", kGrammar);
  const auto parts = halves(form->second, ":");
  const auto median = parts ? parse_number<int>(parts->first) : std::nullopt;
  const auto sigma = parts ? parse_number<double>(parts->second) : std::nullopt;
  if (!fits(median) || !sigma || !(*sigma > 0 && *sigma <= kSigmaMax))
    return refuse(key, text,
                  "its median must be 120 to 1,000,000 and its deviation above 0 and at "
                  "most 3",
                  kGrammar);
  law.kind_ = Kind::kLognormal;
  law.median_ = *median, law.sigma_ = *sigma;
  return law;
}

std::string SizeLaw::text() const {
  if (kind_ == Kind::kUniform) return fmt::format("uniform:{}..{}", low_, high_);
  if (kind_ == Kind::kLognormal) return fmt::format("lognormal:{}:{}", median_, sigma_);
  return "fixed";
}

int SizeLaw::largest(int fixed) const {
  if (kind_ == Kind::kUniform) return high_;
  if (kind_ == Kind::kFixed) return fixed;
  return int(std::min<double>(kMost, std::ceil(median_ * std::exp(kDeviations * sigma_))));
}

double SizeLaw::mean(int fixed) const {
  if (kind_ == Kind::kUniform) return (double(low_) + high_) / 2;
  if (kind_ == Kind::kFixed) return fixed;
  return std::min<double>(kMost, median_ * std::exp(sigma_ * sigma_ / 2));
}

int SizeLaw::draw(uint64_t seed, uint64_t index, int fixed) const {
  if (kind_ == Kind::kFixed) return fixed;
  RandomStream stream(seed ^ kOfSizes, index);
  if (kind_ == Kind::kUniform) {
    const auto width = uint64_t(high_ - low_) + 1;
    return low_ + int(static_cast<unsigned __int128>(stream.next()) * width >> 64);
  }
  // Box and Muller, Ann. Math. Statist. 29 (1958).
  const double radius = std::sqrt(-2 * std::log(1 - stream.unit()));
  const double normal = radius * std::cos(kTwoPi * stream.unit());
  const double size = median_ * std::exp(sigma_ * normal);
  return int(std::clamp<double>(size, kLeast, largest(fixed)));
}

Result<Payload> parse_payload(std::string_view text, const std::string& key) {
  for (const Payload payload : {Payload::kConstant, Payload::kText, Payload::kRandom})
    if (text == to_text(payload)) return payload;
  return refuse(key, text, "there is no such payload", "write constant, text or random");
}

const char* to_text(Payload payload) {
  switch (payload) {
    case Payload::kConstant:
      return "constant";
    case Payload::kText:
      return "text";
    case Payload::kRandom:
      break;
  }
  return "random";
}

PayloadWriter::PayloadWriter(Payload payload, uint64_t seed, size_t bytes_max)
    : payload_(payload), seed_(seed), buffer_(bytes_max + kRoom, 'x') {}

std::string_view PayloadWriter::write(uint64_t index, size_t bytes) {
  WEIR_CHECK_LE(bytes + kRoom, buffer_.size());
  char* at = buffer_.data();
  char* const end = at + bytes;
  RandomStream stream(seed_ ^ kOfPayloads, index);
  if (payload_ == Payload::kRandom) {
    constexpr int kPerDraw = 10, kBits = 6;
    while (at < end) {
      uint64_t bits = stream.next();
      for (int i = 0; i < kPerDraw; ++i, bits >>= kBits) *at++ = kLetters[bits & 63];
    }
  } else if (payload_ == Payload::kText) {
    constexpr int kPerDraw = 5;
    while (at < end) {
      uint64_t bits = stream.next();
      for (int i = 0; i < kPerDraw && at < end; ++i, bits >>= 12) {
        // The lesser of two: words at the front of the list come more often, as in any language.
        const std::string_view word = kWords[std::min(bits & 63, bits >> 6 & 63)];
        std::memcpy(at, word.data(), word.size());
        at += word.size();
        *at++ = ' ';
      }
    }
  }
  return {buffer_.data(), bytes};
}

}  // namespace weir::load
