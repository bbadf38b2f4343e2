#include "weir/event/seen_ids.h"

#include <algorithm>

namespace weir {

void SeenIds::turn_to(uint64_t index) {
  latest_ = &chunks_[index];
  latest_index_ = index;
}

const SeenIds::Chunk* SeenIds::find(uint64_t sequence) const {
  const uint64_t index = sequence / kChunk;
  if (index == latest_index_) return latest_;
  const auto at = chunks_.find(index);
  return at == chunks_.end() ? nullptr : &at->second;
}

std::optional<uint32_t> SeenIds::source_of(uint64_t sequence) const {
  const Chunk* chunk = find(sequence);
  const auto at = uint32_t(sequence % kChunk);
  if (chunk == nullptr || !chunk->has(at)) return std::nullopt;
  return chunk->runs[chunk->run_at(at)].source;
}

bool SeenIds::fits(uint64_t sequence, Nanos due) const {
  const Chunk* chunk = find(sequence);
  if (chunk == nullptr || !chunk->has_due) return true;
  const bool within = due >= chunk->due_first && due <= chunk->due_last;
  if (within) return true;
  if (chunk->has(uint32_t(sequence % kChunk))) return false;
  return due + kApart >= chunk->due_first && due <= chunk->due_last + kApart;
}

bool SeenIds::add(uint64_t sequence, uint32_t source, Nanos due) {
  Chunk& into = chunk(sequence);
  const auto at = uint32_t(sequence % kChunk);
  if (into.has(at)) return false;
  into.put(at, at, source);
  into.widen(due, due);
  ++count_;
  return true;
}

void SeenIds::restore(const Piece& piece) {
  add_range(piece.first, piece.last, piece.source, [](uint64_t, uint32_t) {});
  if (!piece.has_due) return;
  for (uint64_t at = piece.first / kChunk; at <= piece.last / kChunk; ++at)
    chunk(at * kChunk).widen(piece.due_first, piece.due_last);
}

void SeenIds::set_source(uint64_t sequence, uint32_t source) {
  Chunk& in = chunk(sequence);
  const auto at = uint32_t(sequence % kChunk);
  in.put_run(at, at, source);
}

size_t SeenIds::bytes() const {
  constexpr size_t kNode = sizeof(std::pair<const uint64_t, Chunk>) + 48;  // tree and allocator
  size_t bytes = chunks_.size() * kNode;
  for (const auto& [index, chunk] : chunks_)
    bytes += (chunk.bits ? sizeof(Bits) + 16 : 0) + chunk.runs.capacity() * sizeof(Run) + 16;
  return bytes;
}

void SeenIds::Chunk::widen(Nanos first, Nanos last) {
  due_first = has_due ? std::min(due_first, first) : first;
  due_last = has_due ? std::max(due_last, last) : last;
  has_due = true;
}

size_t SeenIds::Chunk::run_at(uint32_t at) const {
  // Nearly always the last run, or behind it.
  if (runs.empty() || at > runs.back().last) return runs.size();
  if (at >= runs.back().first) return runs.size() - 1;
  return size_t(std::lower_bound(runs.begin(), runs.end(), at,
                                 [](const Run& run, uint32_t x) { return run.last < x; }) -
                runs.begin());
}

void SeenIds::Chunk::put(uint32_t first, uint32_t last, uint32_t source) {
  if (count == 0) {
    low = uint16_t(first), high = uint16_t(last);
  } else if (bits || (first != high + 1u && last + 1 != low)) {
    if (!bits) {
      bits = std::make_unique<Bits>();
      for (uint32_t at = low; at <= high; ++at) bits->set(at);
    }
    for (uint32_t at = first; at <= last; ++at) bits->set(at);
  }
  low = std::min(low, uint16_t(first)), high = std::max(high, uint16_t(last));
  count = uint16_t(count + (last - first + 1));
  if (bits && count == high - low + 1) bits.reset();
  put_run(first, last, source);
  if (count == kChunk) runs.shrink_to_fit();
}

// Gives first..last this source; they lie within one run or outside all of them.
void SeenIds::Chunk::put_run(uint32_t first, uint32_t last, uint32_t source) {
  const size_t i = run_at(first);
  const auto here = runs.begin() + ptrdiff_t(i);
  if (i < runs.size() && here->first <= first) {
    const Run whole = *here;
    if (whole.source == source) return;
    std::vector<Run> parts;
    if (whole.first < first) parts.push_back({whole.first, uint16_t(first - 1), whole.source});
    parts.push_back({uint16_t(first), uint16_t(last), source});
    if (last < whole.last) parts.push_back({uint16_t(last + 1), whole.last, whole.source});
    *here = parts[0];
    runs.insert(here + 1, parts.begin() + 1, parts.end());
    return;
  }
  const bool joins_before = i > 0 && runs[i - 1].source == source;
  const bool joins_behind = i < runs.size() && runs[i].source == source;
  if (joins_before) {
    runs[i - 1].last = uint16_t(last);
    if (joins_behind) {
      runs[i - 1].last = runs[i].last;
      runs.erase(here);
    }
  } else if (joins_behind) {
    runs[i].first = uint16_t(first);
  } else {
    runs.insert(here, {uint16_t(first), uint16_t(last), source});
  }
}

}  // namespace weir
