#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "weir/event/event.h"

namespace weir {
namespace {

// An event as values, to compare two ways of reading it.
struct Fields {
  std::string event_id, event_type;
  bool has_id = false;
  int64_t created_ts = 0;
  int32_t user_id = 0;
  double value = 0;
  int present = 0;
  bool operator==(const Fields&) const = default;
};

void PrintTo(const Fields& f, std::ostream* out) {
  *out << f.event_id << ' ' << f.created_ts << ' ' << f.user_id << ' ' << f.event_type << ' '
       << f.value << " present " << f.present;
}

std::optional<Fields> read_fields(EventParser& parser, std::string_view text) {
  const auto event = parser.parse(text);
  if (!event) return std::nullopt;
  return Fields{std::string(event->event_id),
                std::string(event->event_type),
                event->id.has_value(),
                event->created_ts,
                event->user_id,
                event->value,
                event->fields};
}

std::optional<Fields> read_fields(std::string_view text) {
  EventParser parser;
  return read_fields(parser, text);
}

// Such a number spoils the whole text for the other library; to weir its field is null.
bool has_number_beyond_double(const std::string& text) {
  try {
    return nlohmann::json::parse(text).is_discarded();
  } catch (const nlohmann::json::out_of_range&) {
    return true;
  } catch (const nlohmann::json::parse_error&) {
  }
  return false;
}

// The same rules on another library's tree.
std::optional<Fields> read_by_other_library(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("event_id") || !json["event_id"].is_string())
    return std::nullopt;
  Fields f;
  f.event_id = json["event_id"];
  f.has_id = EventId::parse(f.event_id).has_value();
  const auto field = [&](const char* name) {
    return json.contains(name) ? json[name] : nlohmann::json();
  };
  const auto created = field("created_ts"), user = field("user_id"), type = field("event_type"),
             value = field("value");
  // is_number_unsigned alone: beyond INT64_MAX, which no field holds.
  if (created.is_number_integer() &&
      !(created.is_number_unsigned() && created.get<uint64_t>() > uint64_t(INT64_MAX)))
    f.created_ts = created, f.present |= ParsedEvent::kCreatedTs;
  if (user.is_number_integer() && user.get<int64_t>() == user.get<int32_t>() &&
      !(user.is_number_unsigned() && user.get<uint64_t>() > uint64_t(INT32_MAX)))
    f.user_id = user, f.present |= ParsedEvent::kUserId;
  if (type.is_string()) f.event_type = type, f.present |= ParsedEvent::kEventType;
  if (value.is_number()) f.value = value, f.present |= ParsedEvent::kValue;
  return f;
}

std::string own_event(uint64_t i, int size = 200) {
  const Nanos due(1'700'000'000'000'000'000 + int64_t(i) * 100'000);
  const EventEncoder encoder(size);
  std::string text(encoder.bytes_max(), '\0');
  const EventId id = EventId::make(due, 5, uint32_t(i % 4), i / 4);
  text.resize(size_t(encoder.encode(text.data(), id, i, due) - text.data()));
  return text;
}

TEST(EventParser, ReadsEveryFieldOfItsOwnEvents) {
  EventParser parser;
  for (uint64_t i = 0; i < 12'000; i += 7) {
    const auto event = parser.parse(own_event(i));
    ASSERT_TRUE(event);
    ASSERT_TRUE(event->id);
    EXPECT_EQ(event->event_id, event->id->text());
    EXPECT_EQ(event->id->sequence(), i / 4);
    EXPECT_EQ(event->created_ts, event->due().millis());
    EXPECT_EQ(event->user_id, int32_t(i % 10'000));
    EXPECT_EQ(event->event_type, (std::array{"click", "view", "purchase", "login"})[i % 4]);
    EXPECT_EQ(event->value, double(i % 1000) / 10.0);
    EXPECT_EQ(event->fields, 15);
  }
}

TEST(EventParser, TakesTheDueTimeFromCreatedTsForForeignIds) {
  EventParser parser;
  const auto uuid4 = parser.parse(
      R"({"event_id":"550e8400-e29b-41d4-a716-446655440000","created_ts":1700000000123})");
  ASSERT_TRUE(uuid4);
  EXPECT_EQ(uuid4->due(), Nanos(1'700'000'000'123'000'000));
  const auto name = parser.parse(R"({"created_ts":-1,"event_id":"order 7"})");
  ASSERT_TRUE(name);
  EXPECT_FALSE(name->id);
  EXPECT_EQ(name->due(), Nanos(-1'000'000));
  const auto far = parser.parse(R"({"created_ts":9223372036854775807,"event_id":"order 7"})");
  EXPECT_GT(far->due(), Nanos(9'000'000'000'000'000'000));
}

TEST(EventParser, MistypedAndMissingFieldsReadAsNull) {
  const auto plain = read_fields(R"({"event_id": "a"})");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->present, 0);
  const auto mistyped = read_fields(
      R"({"event_id": "a", "created_ts": "12", "user_id": 1.0, "event_type": 5, "value": "3.5"})");
  EXPECT_EQ(mistyped, plain);
  EXPECT_EQ(read_fields(R"({"event_id":"a","created_ts":9223372036854775808,"user_id":2147483648,
                     "event_type":null,"value":1e999})"),
            plain);
  EXPECT_EQ(
      read_fields(
          R"({"event_id":"a","created_ts":[1],"user_id":{"x":1},"event_type":true,"value":[]})"),
      plain);
  const auto edge =
      read_fields(R"({"event_id":"a","created_ts":-9223372036854775808,"user_id":-2147483648,
                             "event_type":"\u00e9\n","value":7})");
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->created_ts, INT64_MIN);
  EXPECT_EQ(edge->user_id, INT32_MIN);
  EXPECT_EQ(edge->event_type, "\u00e9\n");
  EXPECT_EQ(edge->value, 7.0);
}

TEST(EventParser, OfAFieldThatComesTwiceTheLastCounts) {
  const auto twice = read_fields(R"({"event_id":"a","user_id":1,"event_id":"b","user_id":2})");
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->event_id, "b");
  EXPECT_EQ(twice->user_id, 2);
  EXPECT_EQ(read_fields(R"({"event_id":"a","user_id":1,"user_id":"x"})"),
            read_fields(R"({"event_id":"a"})"));
  EXPECT_FALSE(read_fields(R"({"event_id":"a","event_id":null})"));
}

TEST(EventParser, ReadsNamesWithEscapes) {
  EXPECT_EQ(read_fields("{\"event\\u005fid\":\"a\",\"user_i\\u0064\":3}"),
            read_fields(R"({"event_id":"a","user_id":3})"));
}

TEST(EventParser, CallsEverythingElseMalformed) {
  const std::string deep(5000, '[');
  for (const std::string& text :
       std::initializer_list<std::string>{"",
                                          " ",
                                          "null",
                                          "17",
                                          "\"event_id\"",
                                          "[]",
                                          "[{\"event_id\":\"a\"}]",
                                          "{}",
                                          "{",
                                          R"({"event_id":null})",
                                          R"({"event_id":7})",
                                          R"({"event_id":{}})",
                                          R"({"user_id":1})",
                                          R"({"event_id":"a"}x)",
                                          R"({"event_id":"a"}{})",
                                          R"({"event_id":"a",})",
                                          R"({"event_id":"a" "user_id":1})",
                                          R"({"event_id" "a"})",
                                          R"({"event_id":"a","x":})",
                                          R"({"event_id":"a","x":tru})",
                                          R"({"event_id":"a","x":01})",
                                          R"({"event_id":"a","x":1.})",
                                          R"({"event_id":"a","x":-})",
                                          R"({"event_id":"a","x":+1})",
                                          R"({"event_id":"a","x":1e})",
                                          R"({"event_id":"a","x":NaN})",
                                          R"({"event_id":"a","x":"\q"})",
                                          R"({"event_id":"a","x":[1 2]})",
                                          R"({"event_id":"a","x":[1,]})",
                                          R"({"event_id":"a","x":{"y":[}}})",
                                          R"({"event_id":"\ud800"})",
                                          "{\"event_id\":\"a\",\"x\":\"\xC3\"}",
                                          "{\"event_id\":\"\xFF\"}",
                                          "{\"event_id\":\"a\nb\"}",
                                          std::string("{\"event_id\":\"a\0\"}", 17),
                                          std::string("\0\0\0\0", 4),
                                          "{\"event_id\":\"a\",\"x\":" + deep + "}",
                                          "{\"event_id\":\"a\",\"x\":" + deep})
    EXPECT_FALSE(read_fields(text)) << text.substr(0, 60);
}

TEST(EventParser, GoesAsDeepAsItsLimitAndNoFurther) {
  const auto nested = [](int depth) {
    return "{\"event_id\":\"a\",\"x\":" + std::string(size_t(depth), '[') +
           std::string(size_t(depth), ']') + "}";
  };
  EXPECT_TRUE(read_fields(nested(499)));
  EXPECT_FALSE(read_fields(nested(600)));
}

TEST(EventParser, EveryCutOfAnEventIsMalformed) {
  const std::string text = own_event(4711);
  EventParser parser;
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parser.parse(std::string(text.data(), size))) << size;  // its own memory, for asan
  EXPECT_TRUE(parser.parse(text));
}

// A blank behind the event makes the fast path refuse it, so that simdjson reads it.
TEST(EventParser, ItsFastPathReadsAsSimdjsonDoes) {
  EventParser parser;
  std::mt19937_64 random(5);
  int accepted = 0;
  const std::string_view kBytes = "0123456789abcdefx\"\\{}[]:,.-+eE \t\n\x01\x7F\x80\xC3\xA9";
  for (int i = 0; i < 200'000; ++i) {
    std::string text = own_event(random() % 20'000, int(random() % 180));
    for (int edits = int(random() % 3); edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      if (random() % 3 == 0)
        text.insert(at, 1, byte);
      else if (random() % 2 == 0)
        text.erase(at, 1);
      else
        text[at] = byte;
    }
    const auto direct = read_fields(parser, text), general = read_fields(parser, text + " ");
    ASSERT_EQ(direct, general) << text;
    accepted += direct.has_value();
  }
  EXPECT_GT(accepted, 60'000);
}

TEST(EventParser, ReadsAnyBytesAsAnotherLibraryDoes) {
  EventParser parser;
  std::mt19937_64 random(6);
  const std::string seeds[] = {
      own_event(17, 130),
      R"({"value":-1.5e3,"event_id":"a\u0041\\","user_id":12,"n":{"a":[1,2,{"b":null}],"c":true}})",
      R"( { "event_id" : "x" , "created_ts" : 5 , "value" : 0 , "value" : 1E-5 , "é" : [ ] } )"};
  const std::string_view kBytes = "{}[]:,\"\\0123456789.-+eEtfnu \t\x1F\x80\xC3\xA9\xFF";
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = seeds[random() % 3];
    for (int edits = int(random() % 4); edits > 0; --edits) {
      const size_t at = random() % text.size(), size = random() % 8;
      if (random() % 4 == 0)
        text.insert(at, text.substr(random() % text.size(), size));
      else if (random() % 4 == 0)
        text.erase(at, size);
      else
        text[at] = kBytes[random() % kBytes.size()];
      if (text.empty()) text = " ";
    }
    if (has_number_beyond_double(text)) continue;
    const auto ours = read_fields(parser, text), theirs = read_by_other_library(text);
    ASSERT_EQ(ours, theirs) << text;
    accepted += ours.has_value();
  }
  EXPECT_GT(accepted, 20'000);
}

std::string projected(std::string_view text) {
  EventParser parser;
  const auto event = parser.parse(text);
  std::string out;
  if (event) parser.append_projection(*event, out);
  return out;
}

TEST(EventParser, ProjectsAsSparksToJsonDoes) {
  EXPECT_EQ(projected(own_event(12345)),
            "{\"event_id\":\"018bcfe5-6cd2-7800-8005-001000000c0e\",\"created_ts\":1700000001234,"
            "\"user_id\":2345,\"event_type\":\"view\",\"value\":34.5}");
  EXPECT_EQ(projected(R"({"event_id":"a","user_id":null,"value":100})"),
            R"({"event_id":"a","value":100.0})");
  EXPECT_EQ(projected("{\"event_id\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u00e9\"}"),
            "{\"event_id\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\u00e9\"}");
}

// As java.lang.Double.toString of a JDK from 19 on prints them.
TEST(EventParser, PrintsDoublesAsJavaDoes) {
  const std::pair<const char*, const char*> known[] = {
      {"0", "0.0"},
      {"-0.0", "-0.0"},
      {"-12.5", "-12.5"},
      {"0.001", "0.001"},
      {"0.00099", "9.9E-4"},
      {"9999999", "9999999.0"},
      {"1e7", "1.0E7"},
      {"12345678.5", "1.23456785E7"},
      {"1e-5", "1.0E-5"},
      {"0.1", "0.1"},
      {"3.14159", "3.14159"},
      {"1e21", "1.0E21"},
      {"123456.7", "123456.7"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"1.7976931348623157e308", "1.7976931348623157E308"}};
  for (const auto& [json, java] : known)
    EXPECT_EQ(projected(std::string("{\"event_id\":\"a\",\"value\":") + json + "}"),
              std::string("{\"event_id\":\"a\",\"value\":") + java + "}");
}

}  // namespace
}  // namespace weir
