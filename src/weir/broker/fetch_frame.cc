#include "weir/broker/fetch_frame.h"

#include "weir/base/bytes.h"
#include "weir/wire/frame.h"
#include "weir/wire/messages/fetch.h"

namespace weir::broker {
namespace {

// Below this a copy costs less than a sendfile call of its own.
constexpr uint64_t kCopyBytesMax = 16 << 10;

class Writer {
 public:
  Writer(int16_t version, int32_t correlation_id)
      : version_(version), flexible_(wire::api_of(wire::ApiKey::kFetch).is_flexible(version)) {
    begin_ =
        wire::begin_response(bytes_, wire::api_of(wire::ApiKey::kFetch), version, correlation_id);
  }

  template <class T>
  void number(T x, int16_t since = 0) {
    if (version_ >= since) append_be(bytes_, x);
  }
  void text(const std::string& s) {
    if (flexible_)
      uvarint(s.size() + 1);
    else
      append_be(bytes_, int16_t(s.size()));
    bytes_ += s;
  }
  void length(uint64_t n) {
    if (flexible_)
      uvarint(n + 1);
    else
      append_be(bytes_, int32_t(n));
  }
  void tags() {
    if (flexible_) bytes_.push_back('\0');
  }
  void records(log::Slice slice) {
    length(slice.size);
    if (slice.size == 0) return;
    if (slice.size <= kCopyBytesMax) {
      const size_t before = bytes_.size();
      if (slice.read_into(bytes_) && bytes_.size() - before == slice.size) return;
      bytes_.resize(before);  // the sender meets the same failure, and closes the connection
    }
    file_bytes_ += slice.size;
    flush();
    parts_.push_back(FileRange{std::move(slice.file), slice.position, slice.size});
  }

  Reply take() {
    flush();
    // The frame's length counts the files too.
    auto& first = std::get<std::string>(parts_.front());
    store_be(first.data() + begin_, int32_t(text_bytes_ + file_bytes_ - wire::kFramePrefixBytes));
    Reply reply;
    reply.parts = std::move(parts_);
    return reply;
  }

 private:
  void uvarint(uint64_t x) {
    for (; x >= 0x80; x >>= 7) bytes_.push_back(char(x | 0x80));
    bytes_.push_back(char(x));
  }
  void flush() {
    text_bytes_ += bytes_.size();
    if (!bytes_.empty()) parts_.emplace_back(std::move(bytes_));
    bytes_.clear();
  }

  const int16_t version_;
  const bool flexible_;
  size_t begin_ = 0;
  std::string bytes_;
  uint64_t text_bytes_ = 0, file_bytes_ = 0;
  std::vector<Part> parts_;
};

}  // namespace

Reply fetch_reply(int16_t version, int32_t correlation_id, wire::ErrorCode error,
                  std::vector<FetchedTopic> topics) {
  Writer out(version, correlation_id);
  out.number(int32_t(0));  // throttle time
  out.number(int16_t(error), 7);
  out.number(int32_t(0), 7);  // no fetch session
  out.length(topics.size());
  for (auto& topic : topics) {
    out.text(topic.name);
    out.length(topic.partitions.size());
    for (auto& partition : topic.partitions) {
      out.number(partition.partition);
      out.number(int16_t(partition.error));
      out.number(partition.high_watermark);
      out.number(partition.high_watermark);  // last stable offset: there are no transactions
      out.number(partition.log_start, 5);
      out.length(0);                // aborted transactions
      out.number(int32_t(-1), 11);  // read from the leader
      out.records(std::move(partition.slice));
      out.tags();
    }
    out.tags();
  }
  out.tags();
  return out.take();
}

}  // namespace weir::broker
