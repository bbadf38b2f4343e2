// A set of sequence numbers as disjoint closed intervals, cheap when numbers come nearly in order:
// the next number extends the last interval in constant time, anything else costs a tree search.
// Memory follows the number of gaps, not of ids. Not thread safe.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>

namespace weir {

class IntervalSet {
 public:
  // Adds first..last. Calls on_present(first, last) for each part that was in the set already, and
  // on_new(first, last) for each that was not, both ascending and interleaved.
  template <class OnPresent, class OnNew>
  void add(uint64_t first, uint64_t last, OnPresent&& on_present, OnNew&& on_new) {
    if (spans_.empty() || first > spans_.rbegin()->second) [[likely]] {
      on_new(first, last);
      append(first, last);
      return;
    }
    auto at = spans_.upper_bound(first);
    if (at != spans_.begin() && std::prev(at)->second >= first) --at;
    uint64_t next = first;  // everything before it has been reported
    bool whole = false;
    for (; at != spans_.end() && at->first <= last; ++at) {
      if (next < at->first) on_new(next, at->first - 1);
      on_present(std::max(next, at->first), std::min(last, at->second));
      next = at->second + 1;
      if (next > last) {
        whole = true;
        break;
      }
    }
    if (!whole) on_new(next, last);
    join(first, last);
  }

  void add(uint64_t first, uint64_t last) {
    const auto nothing = [](uint64_t, uint64_t) {};
    add(first, last, nothing, nothing);
  }

  bool contains(uint64_t number) const {
    if (spans_.empty() || number > spans_.rbegin()->second) return false;
    const auto at = spans_.upper_bound(number);
    return at != spans_.begin() && std::prev(at)->second >= number;
  }

  bool empty() const { return spans_.empty(); }
  uint64_t highest() const { return spans_.rbegin()->second; }  // not when empty
  // first -> last, ascending, never adjacent.
  const std::map<uint64_t, uint64_t>& spans() const { return spans_; }
  uint64_t count() const {
    uint64_t count = 0;
    for (const auto& [first, last] : spans_) count += last - first + 1;
    return count;
  }

 private:
  void append(uint64_t first, uint64_t last) {
    if (!spans_.empty() && spans_.rbegin()->second + 1 == first)
      spans_.rbegin()->second = last;
    else
      spans_.emplace_hint(spans_.end(), first, last);
  }

  // Makes first..last one interval with all that it touches.
  void join(uint64_t first, uint64_t last) {
    auto at = spans_.upper_bound(first);
    if (at != spans_.begin() && std::prev(at)->second + 1 >= first) --at;
    while (at != spans_.end() && at->first <= last + 1) {
      first = std::min(first, at->first);
      last = std::max(last, at->second);
      at = spans_.erase(at);
    }
    spans_.emplace_hint(at, first, last);
  }

  std::map<uint64_t, uint64_t> spans_;
};

}  // namespace weir
