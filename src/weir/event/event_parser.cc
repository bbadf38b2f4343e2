#include <algorithm>
#include <charconv>
#include <cstring>

#include "weir/event/event.h"
#include "weir/event/event_layout.h"
#include "weir/event/json_text.h"
#include "weir/event/ondemand.h"

namespace weir {
namespace {
namespace ondemand = simdjson::ondemand;

constexpr int kDepthMax = 500;  // of nested arrays and objects; deeper counts as malformed

struct Number {
  bool valid = false, whole = false;  // RFC 8259's grammar; without fraction and exponent
  std::string_view text;
};

// ondemand does not look at numbers and literals that nobody asks for, so their grammar stands
// here.
Number read_number(std::string_view text) {
  const auto digits_from = [&](size_t i) {
    while (i < text.size() && uint8_t(text[i] - '0') < 10) ++i;
    return i;
  };
  const size_t first = text.starts_with('-') ? 1 : 0;
  size_t at = digits_from(first);
  Number number{false, true, text};
  if (at == first || (at - first > 1 && text[first] == '0')) return number;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = at + 1;
    at = digits_from(fraction);
    if (at == fraction) return number;
    number.whole = false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    at = digits_from(exponent);
    if (at == exponent) return number;
    number.whole = false;
  }
  number.valid = at == text.size();
  return number;
}

std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && strchr(" \t\r\n", token.back()) != nullptr) token.remove_suffix(1);
  return token;
}

// Empty when the number is not of T or out of its range: such a field reads as null.
template <class T>
std::optional<T> convert(const Number& number) {
  T x{};
  if (std::is_integral_v<T> && !number.whole) return std::nullopt;
  const char* end = number.text.data() + number.text.size();
  const auto [at, error] = std::from_chars(number.text.data(), end, x);
  if (error != std::errc() || at != end) return std::nullopt;
  return x;
}

// What one field's value is, once it has been found to be valid JSON.
struct Scalar {
  bool valid = false;
  std::optional<std::string_view> string;  // unescaped
  std::optional<Number> number;
};

// Reads a value to its end; arrays and objects are walked through for their validity only.
Scalar read_value(ondemand::value value, int depth);

bool is_valid_array(ondemand::array array, int depth) {
  for (auto&& element : array) {
    ondemand::value value;
    if (std::move(element).get(value) || !read_value(value, depth).valid) return false;
  }
  return true;
}

bool is_valid_object(ondemand::object object, int depth) {
  for (auto&& field_or_error : object) {
    ondemand::field field;
    if (std::move(field_or_error).get(field) || field.unescaped_key().error()) return false;
    if (!read_value(field.value(), depth).valid) return false;
  }
  return true;
}

Scalar read_value(ondemand::value value, int depth) {
  Scalar scalar;
  const std::string_view token = token_of(value);
  if (token.empty() || depth > kDepthMax) return scalar;
  if (token[0] == '"') {
    std::string_view text;
    scalar.valid = !value.get_string().get(text);
    if (scalar.valid) scalar.string = text;
  } else if (token[0] == '{') {
    ondemand::object object;
    scalar.valid = !value.get_object().get(object) && is_valid_object(object, depth + 1);
  } else if (token[0] == '[') {
    ondemand::array array;
    scalar.valid = !value.get_array().get(array) && is_valid_array(array, depth + 1);
  } else if (token == "true" || token == "false" || token == "null") {
    scalar.valid = true;
  } else {
    const Number number = read_number(token);
    scalar.valid = number.valid;
    if (number.valid) scalar.number = number;
  }
  return scalar;
}

// Sets or clears one field; a value of another type clears it, as Spark makes it null.
template <class T>
void assign(ParsedEvent& event, ParsedEvent::Field field, T& into, std::optional<T> found) {
  into = found.value_or(T{});
  event.fields = uint8_t(found ? event.fields | field : event.fields & ~field);
}

template <class T>
std::optional<T> number_in(const Scalar& scalar) {
  return scalar.number ? convert<T>(*scalar.number) : std::nullopt;
}
}  // namespace

struct EventParser::State {
  ondemand::parser parser;
  std::string padded;  // the event and simdjson's padding
  char id_text[layout::kIdChars] = {};

  std::optional<ParsedEvent> parse(std::string_view value);
};

std::optional<ParsedEvent> EventParser::State::parse(std::string_view value) {
  if (padded.size() < value.size() + simdjson::SIMDJSON_PADDING)
    padded.resize(value.size() + simdjson::SIMDJSON_PADDING);
  // A null value has no bytes to point to, and memcpy() wants a pointer even for none.
  if (!value.empty()) std::memcpy(padded.data(), value.data(), value.size());
  std::memset(padded.data() + value.size(), 0, simdjson::SIMDJSON_PADDING);

  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded.data(), value.size(), padded.size()).get(document)) return std::nullopt;
  if (document.get_object().get(object)) return std::nullopt;
  ParsedEvent event;
  bool has_id = false;
  for (auto&& field_or_error : object) {
    ondemand::field field;
    std::string_view name;
    if (std::move(field_or_error).get(field) || field.unescaped_key().get(name))
      return std::nullopt;
    const Scalar scalar = read_value(field.value(), 1);
    if (!scalar.valid) return std::nullopt;
    if (name == "event_id") {
      has_id = scalar.string.has_value();
      event.event_id = scalar.string.value_or(std::string_view());
    } else if (name == "created_ts") {
      assign(event, ParsedEvent::kCreatedTs, event.created_ts, number_in<int64_t>(scalar));
    } else if (name == "user_id") {
      assign(event, ParsedEvent::kUserId, event.user_id, number_in<int32_t>(scalar));
    } else if (name == "event_type") {
      assign(event, ParsedEvent::kEventType, event.event_type, scalar.string);
    } else if (name == "value") {
      assign(event, ParsedEvent::kValue, event.value, number_in<double>(scalar));
    }
  }
  // Behind the object nothing may follow: only then has the document no current location.
  if (!document.current_location().error() || !has_id) return std::nullopt;
  event.id = EventId::parse(event.event_id);
  return event;
}

EventParser::EventParser() : state_(std::make_unique<State>()) {}
EventParser::~EventParser() = default;
EventParser::EventParser(EventParser&&) noexcept = default;
EventParser& EventParser::operator=(EventParser&&) noexcept = default;

std::optional<ParsedEvent> EventParser::parse(std::string_view value) {
  ParsedEvent event;
  if (layout::parse(value, state_->id_text, event)) return event;
  return state_->parse(value);
}

Nanos ParsedEvent::due() const {
  if (id && id->is_ours()) return id->due();
  constexpr int64_t kMillisMax = INT64_MAX / 1'000'000;
  return Nanos(std::clamp(created_ts, -kMillisMax, kMillisMax) * 1'000'000);
}

void EventParser::append_projection(const ParsedEvent& event, std::string& out) const {
  out += "{\"event_id\":";
  append_json_string(event.event_id, out);
  if (event.fields & ParsedEvent::kCreatedTs) {
    out += ",\"created_ts\":";
    append_json_number(event.created_ts, out);
  }
  if (event.fields & ParsedEvent::kUserId) {
    out += ",\"user_id\":";
    append_json_number(int64_t{event.user_id}, out);
  }
  if (event.fields & ParsedEvent::kEventType) {
    out += ",\"event_type\":";
    append_json_string(event.event_type, out);
  }
  if (event.fields & ParsedEvent::kValue) {
    out += ",\"value\":";
    append_json_number(event.value, out);
  }
  out += '}';
}

}  // namespace weir
