// An answer on its way to a client: bytes of ours and ranges of segment files, in order.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "weir/sys/disk.h"

namespace weir::broker {

// Bytes of a file that do not change any more; they reach the socket without passing through here.
struct FileRange {
  std::shared_ptr<File> file;
  uint64_t at = 0;
  uint64_t size = 0;
};
using Part = std::variant<std::string, FileRange>;

struct Reply {
  std::vector<Part> parts;   // the whole frame with its length; empty: this request gets no answer
  bool close_after = false;  // the connection ends once this has been sent

  static Reply bytes(std::string frame) {
    Reply reply;
    reply.parts.emplace_back(std::move(frame));
    return reply;
  }
  static Reply none() { return {}; }
  static Reply close() { return {{}, true}; }
};

inline uint64_t size_of(const Part& part) {
  if (const auto* bytes = std::get_if<std::string>(&part)) return bytes->size();
  return std::get<FileRange>(part).size;
}

}  // namespace weir::broker
