// Numbers with a meaning: types that do not convert into each other silently.
#pragma once
#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <functional>

namespace weir {

// A Kafka offset: the position of a record in a partition; also "next to read".
enum class OffsetTag {};
// The number of a partition within its topic.
enum class PartitionTag {};

template <class Tag, class Rep>
struct Strong {
  Rep value{};
  constexpr Strong() = default;
  constexpr explicit Strong(Rep v) : value(v) {}
  constexpr auto operator<=>(const Strong&) const = default;
  constexpr Strong& operator++() {
    ++value;
    return *this;
  }
};

using PartitionId = Strong<PartitionTag, int32_t>;

struct Offset : Strong<OffsetTag, int64_t> {
  using Strong::Strong;
  constexpr Offset operator+(int64_t n) const { return Offset(value + n); }
  constexpr int64_t operator-(Offset other) const { return value - other.value; }
  constexpr Offset& operator+=(int64_t n) {
    value += n;
    return *this;
  }
};

// A span of time or, counted from the Unix epoch, an instant; nanoseconds.
// Instants of weir's processes are on the run's one clock (sys/clock.h).
struct Nanos {
  int64_t value = 0;
  constexpr Nanos() = default;
  constexpr explicit Nanos(int64_t v) : value(v) {}
  constexpr auto operator<=>(const Nanos&) const = default;
  constexpr Nanos operator+(Nanos o) const { return Nanos(value + o.value); }
  constexpr Nanos operator-(Nanos o) const { return Nanos(value - o.value); }
  constexpr Nanos& operator+=(Nanos o) {
    value += o.value;
    return *this;
  }
  constexpr Nanos operator*(int64_t n) const { return Nanos(value * n); }
  constexpr int64_t micros() const { return value / 1000; }
  constexpr int64_t millis() const { return value / 1'000'000; }
  constexpr double seconds() const { return double(value) / 1e9; }
  constexpr double exact_millis() const { return double(value) / 1e6; }
  // The whole second since the epoch that holds this instant.
  constexpr int64_t second() const { return value / 1'000'000'000; }
};
constexpr Nanos nanos_from_micros(int64_t n) { return Nanos(n * 1000); }
constexpr Nanos nanos_from_millis(int64_t n) { return Nanos(n * 1'000'000); }
constexpr Nanos nanos_from_seconds(double s) { return Nanos(int64_t(s * 1e9)); }

}  // namespace weir

template <class Tag, class Rep>
struct std::hash<weir::Strong<Tag, Rep>> {
  size_t operator()(const weir::Strong<Tag, Rep>& s) const { return std::hash<Rep>{}(s.value); }
};
template <>
struct std::hash<weir::Offset> {
  size_t operator()(const weir::Offset& s) const { return std::hash<int64_t>{}(s.value); }
};
template <class Tag, class Rep>
struct fmt::formatter<weir::Strong<Tag, Rep>> : fmt::formatter<Rep> {
  auto format(const weir::Strong<Tag, Rep>& s, fmt::format_context& c) const {
    return fmt::formatter<Rep>::format(s.value, c);
  }
};
template <>
struct fmt::formatter<weir::Offset> : fmt::formatter<int64_t> {
  auto format(const weir::Offset& s, fmt::format_context& c) const {
    return fmt::formatter<int64_t>::format(s.value, c);
  }
};
template <>
struct fmt::formatter<weir::Nanos> : fmt::formatter<int64_t> {
  auto format(const weir::Nanos& s, fmt::format_context& c) const {
    return fmt::formatter<int64_t>::format(s.value, c);
  }
};
