// What the events of a load are about and how large they are: keys, sizes and payload, each a pure
// function of the load's seed and the event's number, so that a load is the same however many
// generators share it.
//
// The grammars are those of load.keys, load.sizes and load.payload. Immutable values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace weir::load {

// Which key an event has.
//
//   round_robin   none; partitions in turn
//   user_id       its user, event number mod 10,000
//   uniform:N     one of N, each as likely
//   zipf:N:S      one of N, key k as likely as (k + 1)^-S
//
// With a key its user_id is the key, and Kafka's hash of the key's decimal text its partition.
class KeyLaw {
 public:
  enum class Kind { kRoundRobin, kUserId, kUniform, kZipf };
  static constexpr uint64_t kKeysMax = 100'000'000;

  KeyLaw() = default;
  explicit KeyLaw(Kind kind) : kind_(kind) {}  // of round_robin and user_id
  // kUsage in three parts; `key` is what the text was given for.
  static Result<KeyLaw> parse(std::string_view text, const std::string& key);
  std::string text() const;

  bool is_keyed() const { return kind_ != Kind::kRoundRobin; }
  // The user_id follows from the event's number alone.
  bool is_counted() const { return kind_ == Kind::kRoundRobin || kind_ == Kind::kUserId; }
  uint64_t user(uint64_t seed, uint64_t index) const;

 private:
  uint64_t draw_zipf(uint64_t seed, uint64_t index) const;

  Kind kind_ = Kind::kRoundRobin;
  uint64_t keys_ = 10'000;
  double exponent_ = 1;
  // Of the rejection-inversion: H(1.5) - 1, H(N + 1/2), and the squeeze.
  double first_ = 0, last_ = 0, squeeze_ = 0;
};

// How large an event is, as event.size and --size count it.
//
//   fixed                    all alike
//   uniform:A..B             each from A to B as likely
//   lognormal:MEDIAN:SIGMA   exp of a normal with mean ln MEDIAN and deviation SIGMA; what lies
//   more
//                            than 4 deviations above the median, or below the least size, is cut
class SizeLaw {
 public:
  static constexpr int kLeast = 120, kMost = 1'000'000;

  static Result<SizeLaw> parse(std::string_view text, const std::string& key);
  std::string text() const;

  bool is_fixed() const { return kind_ == Kind::kFixed; }
  // `fixed` is event.size, which the other laws do not ask for.
  int draw(uint64_t seed, uint64_t index, int fixed) const;
  int largest(int fixed) const;
  double mean(int fixed) const;  // before anything is cut

 private:
  enum class Kind { kFixed, kUniform, kLognormal };
  Kind kind_ = Kind::kFixed;
  int low_ = 0, high_ = 0;
  double median_ = 0, sigma_ = 0;
};

// What the payload consists of. How well each compresses: docs/produce.md.
//
//   constant   the letter x
//   text       words
//   random     letters and digits of base 64, each as likely
enum class Payload { kConstant, kText, kRandom };
Result<Payload> parse_payload(std::string_view text, const std::string& key);
const char* to_text(Payload payload);

// Writes payloads into a buffer of its own. Not thread safe.
class PayloadWriter {
 public:
  PayloadWriter(Payload payload, uint64_t seed, size_t bytes_max);
  // That of event `index`, `bytes` <= bytes_max long; valid until the next call.
  std::string_view write(uint64_t index, size_t bytes);

 private:
  Payload payload_;
  uint64_t seed_;
  std::string buffer_;
};

}  // namespace weir::load
