#include "weir/event/identity.h"

#include <gtest/gtest.h>

#include "weir/event/event_template.h"

namespace weir {
namespace {

const Nanos kDue(1'763'800'000'123'456'789);
const EventId kId = EventId::make(kDue, 7, 3, 12345);

std::optional<EventId> read_id(const std::string& identity, std::string_view key,
                               std::string_view value,
                               const IdentityReader::Headers& headers = {}) {
  return IdentityReader(Identity::parse(identity).value()).read(key, value, headers);
}

TEST(Identity, IsReadAsItIsWritten) {
  for (const char* text : {"event_id", "header:x-id", "json:/a/b", "none"})
    EXPECT_EQ(Identity::parse(text).value().text(), text);
  for (const char* text : {"", "header:", "json:", "json:a", "Event_id", "key"}) {
    const auto parsed = Identity::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kUsage);
  }
}

TEST(Identity, BytesOfAnIdReadBack) {
  char bytes[kIdBytes];
  put_id_bytes(kId, bytes);
  EXPECT_EQ(id_from_bytes({bytes, kIdBytes}), kId);
  EXPECT_EQ(id_from_bytes(kId.text()), kId);
  EXPECT_FALSE(id_from_bytes("short"));
}

TEST(IdentityReader, FindsTheIdInKeyOrValue) {
  EXPECT_EQ(read_id("event_id", kId.text(), "whatever"), kId);
  EXPECT_EQ(read_id("event_id", "", "{\"event_id\": \"" + kId.text() + "\"}"), kId);
  EXPECT_EQ(read_id("event_id", "17", "{\"event_id\": \"" + kId.text() + "\"}"), kId);
  EXPECT_FALSE(read_id("event_id", "", "not json"));
  EXPECT_FALSE(read_id("event_id", "0f8fad5b-d9cb-469f-a165-70867728950e", "{}"));  // version 4
}

TEST(IdentityReader, FindsTheIdInAHeader) {
  char bytes[kIdBytes];
  put_id_bytes(kId, bytes);
  EXPECT_EQ(read_id("header:id", "", "", {{"other", "x"}, {"id", {bytes, kIdBytes}}}), kId);
  EXPECT_FALSE(read_id("header:id", kId.text(), "", {{"other", {bytes, kIdBytes}}}));
  EXPECT_FALSE(read_id("header:id", "", "", {{"id", "junk"}}));
}

TEST(IdentityReader, FindsTheIdAtAJsonPointer) {
  const std::string value = R"({"a": [1, {"id": ")" + kId.text() + R"("}]})";
  EXPECT_EQ(read_id("json:/a/1/id", "", value), kId);
  EXPECT_FALSE(read_id("json:/a/2/id", "", value));
  EXPECT_FALSE(read_id("json:/a/0", "", value));
  EXPECT_FALSE(read_id("json:/a", "", value.substr(0, 10)));
  EXPECT_FALSE(read_id("json:/a", "", ""));
}

TEST(IdentityReader, FindsNothingWhereThereIsNone) {
  EXPECT_FALSE(read_id("none", kId.text(), "{\"event_id\": \"" + kId.text() + "\"}"));
}

std::string encoded(std::string_view text) {
  const auto made = EventTemplate::parse(text, "t").value();
  EventTemplate::Content content{kId, 42, kDue, 7, {}};
  const std::string payload(made.has_payload() ? made.payload_bytes(content, 60) : 0, 'p');
  content.payload = payload;
  std::string into(made.bytes_max(payload.size()), '\0');
  return into.substr(0, size_t(made.encode(into.data(), content) - into.data()));
}

TEST(EventTemplate, ReplacesItsFields) {
  EXPECT_EQ(
      encoded(R"({"k":"{{id}}","t":{{due_ms}},"n":{{seq}},"again":"{{id}}"})"),
      R"({"k":")" + kId.text() + R"(","t":1763800000123,"n":42,"again":")" + kId.text() + "\"}");
  EXPECT_EQ(encoded("plain\n"), "plain\n");
  EXPECT_EQ(encoded("{{seq}}"), "42");
  EXPECT_EQ(encoded("a}} {b} {{seq}}"), "a}} {b} 42");
  EXPECT_EQ(encoded("user={{key}}"), "user=7");
}

TEST(EventTemplate, FillsItsPayloadUpToTheSize) {
  const std::string text = encoded("{{id}} {{due_ms}} {{seq}} [{{payload}}] {{key}}\n");
  EXPECT_EQ(text.size(), 60u) << text;
  EXPECT_NE(text.find("[p] 7\n"), std::string::npos) << text;
  EXPECT_EQ(encoded("[{{payload}}]" + std::string(100, 'x')).size(), 102u);
}

TEST(EventTemplate, KnowsWhetherItCarriesTheId) {
  EXPECT_TRUE(EventTemplate::parse("{{id}}", "t")->has_id());
  EXPECT_FALSE(EventTemplate::parse("{{seq}}", "t")->has_id());
}

TEST(EventTemplate, RefusesWhatItDoesNotUnderstand) {
  for (const std::string& text :
       {std::string(), std::string("{{ID}}"), std::string("{{id"), std::string("{{}}"),
        std::string(900'001, 'x'), std::string("{{payload}}{{payload}}")}) {
    const auto parsed = EventTemplate::parse(text, "t");
    ASSERT_FALSE(parsed) << text.substr(0, 20);
    EXPECT_EQ(parsed.error().code, Code::kUsage);
  }
  EXPECT_EQ(EventTemplate::read("/nonexistent/template").error().code, Code::kUsage);
}

}  // namespace
}  // namespace weir
