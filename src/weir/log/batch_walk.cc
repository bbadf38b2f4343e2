#include "weir/log/batch_walk.h"

#include <algorithm>

#include "weir/base/crc32c.h"

namespace weir::log {

BatchWalk::BatchWalk(File& file, uint64_t position, uint64_t end, size_t window_bytes)
    : file_(file), position_(position), end_(end), window_bytes_(window_bytes) {}

const char* BatchWalk::load(uint64_t at, size_t size) {
  if (at < window_at_ || at + size > window_at_ + window_.size()) {
    const size_t wanted = size_t(std::min<uint64_t>(std::max(size, window_bytes_), end_ - at));
    window_.resize(wanted);
    auto got = file_.read_at(at, window_.data(), wanted);
    window_at_ = at;
    if (!got || *got < size) {
      error_ = got ? Error{Code::kCorrupt, "cannot read a batch", "the file is shorter than it was"}
                   : std::move(got).error();
      window_.clear();
      return nullptr;
    }
    window_.resize(*got);
  }
  return window_.data() + (at - window_at_);
}

BatchWalk::Step BatchWalk::peek() {
  if (position_ == end_) return Step::kEnd;
  if (end_ - position_ < kBatchHeaderBytes) return Step::kBad;
  const char* bytes = load(position_, kBatchHeaderBytes);
  if (bytes == nullptr) return Step::kDiskError;
  header_ = parse_batch_header(bytes);
  if (!plausible(header_) || header_.size > end_ - position_) return Step::kBad;
  return Step::kBatch;
}

BatchWalk::Step BatchWalk::verify() {
  uint32_t crc = 0;
  const uint64_t end = position_ + header_.size;
  for (uint64_t at = position_ + kBatchCrcFrom; at < end;) {
    // What the window already holds from here on, else a new window.
    const uint64_t in_window =
        at >= window_at_ && at < window_at_ + window_.size() ? window_at_ + window_.size() - at : 0;
    const size_t size =
        size_t(std::min<uint64_t>(end - at, in_window > 0 ? in_window : window_bytes_));
    const char* bytes = load(at, size);
    if (bytes == nullptr) return Step::kDiskError;
    crc = crc32c({bytes, size}, crc);
    at += size;
  }
  return crc == header_.crc ? Step::kBatch : Step::kBad;
}

bool BatchWalk::read(std::string& out) {
  out.resize(header_.size);
  auto got = file_.read_at(position_, out.data(), out.size());
  if (got && *got == out.size()) return true;
  error_ = got ? Error{Code::kCorrupt, "cannot read a batch", "the file is shorter than it was"}
               : std::move(got).error();
  return false;
}

}  // namespace weir::log
