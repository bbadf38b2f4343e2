// Finds Kafka's frames in one direction of a connection: four bytes of size, then that many bytes.
// It looks at heads only, and never keeps a body.
//
// Formats: https://kafka.apache.org/protocol.html#protocol_messages. A stream that is none of
// Kafka's (TLS, for one) is given up on: no frame is reported any more.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::proxy {

enum class Direction { kRequests, kAnswers };

struct FrameHead {
  size_t at = 0;    // where the frame begins in the bytes scanned; 0 when it began before them
  int16_t api = 0;  // of a request
  int32_t correlation = 0;
};

class FrameScanner {
 public:
  explicit FrameScanner(Direction direction)
      : head_bytes_(direction == Direction::kRequests ? 12 : 8) {}

  // Calls found(FrameHead) for each frame whose head is complete with these bytes.
  template <class F>
  void scan(std::string_view bytes, F&& found) {
    size_t begun = 0;
    for (size_t at = 0; at < bytes.size() && !lost_;) {
      if (left_ > 0) {
        const size_t step = left_ < bytes.size() - at ? left_ : bytes.size() - at;
        left_ -= step;
        at += step;
        continue;
      }
      if (have_ == 0) begun = at;
      head_[have_++] = bytes[at++];
      if (have_ < head_bytes_) continue;
      have_ = 0;
      if (const auto head = read_head(begun)) found(*head);
    }
  }

 private:
  std::optional<FrameHead> read_head(size_t begun);

  const size_t head_bytes_;
  std::array<char, 12> head_{};
  size_t have_ = 0;  // bytes of the present head
  size_t left_ = 0;  // bytes of the present body still to come
  bool lost_ = false;
};

}  // namespace weir::proxy
