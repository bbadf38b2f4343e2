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
    } else if (field == "key") {
      piece.field = Field::kKey;
    } else if (field == "payload" && made.has_payload_) {
      return fail(Code::kUsage, "the event template " + name + " cannot be used",
                  "it has {{payload}} twice, so that its share of the event's size is not clear",
                  "keep one of them");
    } else if (field == "payload") {
      piece.field = Field::kPayload;
      made.has_payload_ = true;
    } else {
      return fail(Code::kUsage, "the event template " + name + " cannot be used",
                  "it has {{" + std::string(field.substr(0, 40)) + "}}, which has no meaning here",
                  "use {{id}}, {{due_ms}}, {{seq}}, {{key}} and {{payload}} only");
    }
    if (piece.field != Field::kPayload)
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

size_t EventTemplate::payload_bytes(const Content& content, size_t bytes) const {
  size_t rest = 0;
  const auto digits = [](auto number) {
    char text[kNumberChars];
    return size_t(std::to_chars(text, text + kNumberChars, number).ptr - text);
  };
  for (const Piece& piece : pieces_) {
    rest += piece.before.size();
    if (piece.field == Field::kId) rest += kIdChars;
    if (piece.field == Field::kDueMs) rest += digits(content.due.millis());
    if (piece.field == Field::kSequence) rest += digits(content.index);
    if (piece.field == Field::kKey) rest += digits(content.key);
  }
  return bytes > rest ? bytes - rest : 0;
}

char* EventTemplate::encode(char* into, const Content& content) const {
  char* at = into;
  for (const Piece& piece : pieces_) {
    std::memcpy(at, piece.before.data(), piece.before.size());
    at += piece.before.size();
    switch (piece.field) {
      case Field::kNone:
        break;
      case Field::kId:
        content.id.format(at);
        at += kIdChars;
        break;
      case Field::kDueMs:
        at = std::to_chars(at, at + kNumberChars, content.due.millis()).ptr;
        break;
      case Field::kSequence:
        at = std::to_chars(at, at + kNumberChars, content.index).ptr;
        break;
      case Field::kKey:
        at = std::to_chars(at, at + kNumberChars, content.key).ptr;
        break;
      case Field::kPayload:
        std::memcpy(at, content.payload.data(), content.payload.size());
        at += content.payload.size();
        break;
    }
  }
  return at;
}

}  // namespace weir
