#include "weir/spark/checksum.h"

#include <bit>
#include <cstring>

namespace weir::spark {
namespace {

// The algorithm's primes.
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87, kPrime2 = 0xC2B2AE3D27D4EB4F,
                   kPrime3 = 0x165667B19E3779F9, kPrime4 = 0x85EBCA77C2B2AE63,
                   kPrime5 = 0x27D4EB2F165667C5;

template <class T>
uint64_t take(std::string_view& text) {
  T value;
  std::memcpy(&value, text.data(), sizeof value);
  text.remove_prefix(sizeof value);
  return value;
}

uint64_t round(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

// Four lanes over stripes of 32 bytes.
uint64_t hash_stripes(std::string_view& text, uint64_t seed) {
  uint64_t lanes[4] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
  while (text.size() >= 32)
    for (uint64_t& lane : lanes) lane = round(lane, take<uint64_t>(text));
  uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                  std::rotl(lanes[3], 18);
  for (const uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

}  // namespace

int64_t xxhash64(std::string_view text, uint64_t seed) {
  static_assert(std::endian::native == std::endian::little);
  const uint64_t size = text.size();
  uint64_t hash = text.size() >= 32 ? hash_stripes(text, seed) : seed + kPrime5;
  hash += size;
  while (text.size() >= 8)
    hash = std::rotl(hash ^ round(0, take<uint64_t>(text)), 27) * kPrime1 + kPrime4;
  if (text.size() >= 4)
    hash = std::rotl(hash ^ take<uint32_t>(text) * kPrime1, 23) * kPrime2 + kPrime3;
  while (!text.empty()) hash = std::rotl(hash ^ take<uint8_t>(text) * kPrime5, 11) * kPrime1;
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return int64_t(hash ^ hash >> 32);
}

void add_id(ObservedBatch::Lane& lane, std::string_view event_id) {
  const int64_t hash = xxhash64(event_id);
  ++lane.count;
  lane.sum += hash & 0xFFFFFFFF;
  lane.exclusive_or ^= hash;
}

}  // namespace weir::spark
