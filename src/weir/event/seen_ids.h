// Which sequence numbers of one producer and partition were seen, and in which batch each: at most
// one bit per id, however they come.
//
// Ids stand in chunks of 4,096. A chunk whose ids are consecutive holds only its ends; one with
// holes holds a bitmap of 512 bytes until they are filled. Batches stand as runs of ids, 8 bytes
// each. So 10^9 ids take some 30 MB when they come in order and less than 200 MB when they come
// scattered or in batches of 100 ids. Not thread safe.
#pragma once
#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "weir/base/types.h"

namespace weir {

class SeenIds {
 public:
  static constexpr uint32_t kChunk = 4096;
  // Ids of one chunk that are due further apart than this are not of the same run.
  static constexpr Nanos kApart{3'600'000'000'000};

  // Consecutive ids of one chunk and source. The due times are those of all the chunk's records;
  // both 0 when it holds only what receipts told.
  struct Piece {
    uint64_t first = 0, last = 0;
    uint32_t source = 0;
    Nanos due_first, due_last;
    bool has_due = false;
  };

  // The caller's number for a batch, kept with each id.
  std::optional<uint32_t> source_of(uint64_t sequence) const;  // empty when it was not seen
  bool contains(uint64_t sequence) const { return source_of(sequence).has_value(); }
  // False when its chunk holds this id with another due time, or ids of another time altogether.
  bool fits(uint64_t sequence, Nanos due) const;
  // False when it was there already.
  bool add(uint64_t sequence, uint32_t source, Nanos due);
  // Adds first..last without due times; calls on_repeat(sequence, source) for each that was there.
  // Returns how many were new.
  template <class OnRepeat>
  uint64_t add_range(uint64_t first, uint64_t last, uint32_t source, OnRepeat&& on_repeat);
  void set_source(uint64_t sequence, uint32_t source);  // of an id that was seen
  // What for_each_piece() gave, put back into a set that holds none of it.
  void restore(const Piece& piece);

  template <class F>
  void for_each_piece(F&& f) const;  // ascending
  uint64_t count() const { return count_; }
  size_t bytes() const;  // about what it holds of memory

 private:
  using Bits = std::bitset<kChunk>;
  // Ids first..last that are present have this source; runs are disjoint and ascending.
  struct Run {
    uint16_t first, last;
    uint32_t source;
  };
  struct Chunk {
    uint16_t low = 0, high = 0, count = 0;  // count 0: empty
    bool has_due = false;
    Nanos due_first, due_last;
    std::unique_ptr<Bits> bits;  // null while low..high are all there
    std::vector<Run> runs;

    bool has(uint32_t at) const {
      return count > 0 && at >= low && at <= high && (!bits || bits->test(at));
    }
    bool overlaps(uint32_t first, uint32_t last) const {
      return count > 0 && first <= high && last >= low;
    }
    void widen(Nanos first, Nanos last);
    void put(uint32_t first, uint32_t last, uint32_t source);  // none of them is there
    void put_run(uint32_t first, uint32_t last, uint32_t source);
    size_t run_at(uint32_t at) const;  // the first that ends at or behind it
  };

  Chunk& chunk(uint64_t sequence) {
    const uint64_t index = sequence / kChunk;
    if (index != latest_index_) turn_to(index);
    return *latest_;
  }
  void turn_to(uint64_t index);
  const Chunk* find(uint64_t sequence) const;

  std::map<uint64_t, Chunk> chunks_;
  Chunk* latest_ = nullptr;
  uint64_t latest_index_ = UINT64_MAX;
  uint64_t count_ = 0;
};

template <class OnRepeat>
uint64_t SeenIds::add_range(uint64_t first, uint64_t last, uint32_t source, OnRepeat&& on_repeat) {
  const uint64_t before = count_;
  while (first <= last) {
    const uint64_t base = first / kChunk * kChunk, end = std::min(last, base + kChunk - 1);
    Chunk& into = chunk(first);
    if (!into.overlaps(uint32_t(first - base), uint32_t(end - base))) {
      into.put(uint32_t(first - base), uint32_t(end - base), source);
      count_ += end - first + 1;
    } else {
      for (uint64_t sequence = first; sequence <= end; ++sequence) {
        const auto at = uint32_t(sequence - base);
        if (into.has(at)) {
          const uint32_t earlier = into.runs[into.run_at(at)].source;
          on_repeat(sequence, earlier);
        } else {
          into.put(at, at, source);
          ++count_;
        }
      }
    }
    first = end + 1;
  }
  return count_ - before;
}

template <class F>
void SeenIds::for_each_piece(F&& f) const {
  for (const auto& [index, chunk] : chunks_) {
    const uint64_t base = index * kChunk;
    for (const Run& run : chunk.runs) {
      uint32_t at = run.first;
      while (at <= run.last) {
        while (at <= run.last && !chunk.has(at)) ++at;
        const uint32_t first = at;
        if (!chunk.bits)
          at = uint32_t(run.last) + 1;
        else
          while (at <= run.last && chunk.has(at)) ++at;
        if (first < at)
          f(Piece{base + first, base + at - 1, run.source, chunk.due_first, chunk.due_last,
                  chunk.has_due});
      }
    }
  }
}

}  // namespace weir
