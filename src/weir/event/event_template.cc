#include "weir/event/event_template.h"

#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

namespace weir {
namespace {
constexpr size_t kIdChars = 36, kNumberChars = 20;
}

Result<EventTemplate> EventTemplate::parse(std::string_view text, const std::string& name) {
  if (text.empty() || text.size() > kBytesMax)
    return fail(Code::kUsage, "the event template " + name + " cannot be used",
                text.empty() ? "it is empty" : "it is longer than 900,000 bytes",
                "give a file with one event's bytes");
  EventTemplate made;
  while (true) {
    const size_t open = text.find("{{");
    Piece& piece = made.pieces_.emplace_back();
    piece.before = text.substr(0, open);
    made.bytes_max_ += piece.before.size();
    if (open == std::string_view::npos) return made;
    const size_t close = text.find("}}", open);
    const std::string_view field =
        close == std::string_view::npos ? "" : text.substr(open + 2, close - open - 2);
    if (field == "id") {
      piece.field = Field::kId;
      made.has_id_ = true;
    } else if (field == "due_ms") {
      piece.field = Field::kDueMs;
    } else if (field == "seq") {
      piece.field = Field::kSequence;
    } else {
      return fail(Code::kUsage, "the event template " + name + " cannot be used",
                  "it has {{" + std::string(field.substr(0, 40)) + "}}, which has no meaning here",
                  "use {{id}}, {{due_ms}} and {{seq}} only");
    }
    made.bytes_max_ += piece.field == Field::kId ? kIdChars : kNumberChars;
    text.remove_prefix(close + 2);
  }
}

Result<EventTemplate> EventTemplate::read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(Code::kUsage, "the event template " + path + " cannot be read",
                std::strerror(errno), "name an existing file");
  std::string text(kBytesMax + 1, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(size_t(in.gcount()));
  return parse(text, path);
}

char* EventTemplate::encode(char* into, const EventId& id, uint64_t index, Nanos due) const {
  char* at = into;
  for (const Piece& piece : pieces_) {
    std::memcpy(at, piece.before.data(), piece.before.size());
    at += piece.before.size();
    switch (piece.field) {
      case Field::kNone:
        break;
      case Field::kId:
        id.format(at);
        at += kIdChars;
        break;
      case Field::kDueMs:
        at = std::to_chars(at, at + kNumberChars, due.millis()).ptr;
        break;
      case Field::kSequence:
        at = std::to_chars(at, at + kNumberChars, index).ptr;
        break;
    }
  }
  return at;
}

}  // namespace weir
