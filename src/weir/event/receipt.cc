#include <nlohmann/json.hpp>

#include "weir/event/result.h"

namespace weir {
namespace {
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "weir.receipt/1";

tl::unexpected<Error> corrupt_receipt(std::string why) {
  return fail(Code::kCorrupt, "cannot read a receipt", std::move(why),
              "check that nothing but weir writes into this output topic");
}

Json texts(const std::vector<EventId>& ids) {
  Json list = Json::array();
  for (const EventId& id : ids) list.push_back(id.text());
  return list;
}

// Takes fields out of one JSON object and remembers the first that is missing or of another type.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  int64_t number(const char* name) {
    const Json* field = find(name, &Json::is_number_integer);
    if (field != nullptr && field->is_number_unsigned() && field->get<uint64_t>() > INT64_MAX)
      return miss(name), 0;
    return field != nullptr ? field->get<int64_t>() : 0;
  }
  int64_t count(const char* name) {
    const int64_t count = number(name);
    if (count < 0) miss(name);
    return count;
  }
  std::string text(const char* name) {
    const Json* field = find(name, &Json::is_string);
    return field != nullptr ? field->get<std::string>() : std::string();
  }
  const Json& array(const char* name) {
    const Json* field = find(name, &Json::is_array);
    return field != nullptr ? *field : empty_;
  }
  std::vector<EventId> ids(const char* name) {
    std::vector<EventId> ids;
    for (const Json& text : array(name)) {
      const auto id =
          text.is_string() ? EventId::parse(text.get_ref<const std::string&>()) : std::nullopt;
      if (!id) return miss(name), ids;
      ids.push_back(*id);
    }
    return ids;
  }
  void miss(const char* name) {
    if (missed_.empty()) missed_ = name;
  }
  const std::string& missed() const { return missed_; }

 private:
  const Json* find(const char* name, bool (Json::*is)() const noexcept) {
    const auto at = object_.find(name);
    if (at == object_.end() || !((*at).*is)()) return miss(name), nullptr;
    return &*at;
  }

  const Json& object_;
  const Json empty_ = Json::array();
  std::string missed_;
};

bool is_tuple(const Json& value, size_t size) {
  if (!value.is_array() || value.size() != size) return false;
  for (const Json& number : value)
    if (!number.is_number_unsigned()) return false;
  return true;
}

// Sorted and disjoint, as the collector writes them: readers count on it.
void read_ranges(Fields& fields, std::vector<IdRange>& ranges) {
  for (const Json& tuple : fields.array("ranges")) {
    if (!is_tuple(tuple, 4)) return fields.miss("ranges");
    const uint64_t producer = tuple[0], partition = tuple[1], first = tuple[2], last = tuple[3];
    if (producer >= EventId::kProducers || partition >= EventId::kPartitions || first > last ||
        last > EventId::kSequenceMax)
      return fields.miss("ranges");
    const IdRange range{uint32_t(producer), uint32_t(partition), first, last};
    if (!ranges.empty()) {
      const IdRange& before = ranges.back();
      const bool same_lane =
          before.producer == range.producer && before.partition == range.partition;
      if (range <= before || (same_lane && range.first <= before.last))
        return fields.miss("ranges");
    }
    ranges.push_back(range);
  }
}

void read_input_end(Fields& fields, std::map<int32_t, int64_t>& input_end) {
  for (const Json& pair : fields.array("input_end")) {
    if (!is_tuple(pair, 2)) return fields.miss("input_end");
    const uint64_t partition = pair[0], offset = pair[1];
    if (partition > INT32_MAX || offset > INT64_MAX) return fields.miss("input_end");
    input_end[int32_t(partition)] = int64_t(offset);
  }
}
}  // namespace

std::string to_json(const Receipt& receipt) {
  Json json;
  json["schema"] = kSchema;
  json["query"] = receipt.query;
  json["batch"] = receipt.batch;
  json["attempt"] = receipt.attempt;
  json["reference_ns"] = receipt.reference.value;
  json["events"] = receipt.events;
  json["malformed"] = receipt.malformed;
  json["foreign"] = receipt.foreign;
  json["negatives"] = receipt.negatives;
  json["ages"] = receipt.ages.encode_base64();
  json["ages_min_us"] = receipt.ages.min();
  json["ages_max_us"] = receipt.ages.max();
  json["ages_overflow"] = receipt.ages.overflow();
  Json ranges = Json::array();
  for (const IdRange& range : receipt.ranges)
    ranges.push_back({range.producer, range.partition, range.first, range.last});
  json["ranges"] = std::move(ranges);
  json["repeated"] = receipt.repeated;
  json["repeats"] = texts(receipt.repeats);
  json["inverted"] = receipt.inverted;
  json["inversions"] = texts(receipt.inversions);
  Json input_end = Json::array();
  for (const auto& [partition, offset] : receipt.input_end)
    input_end.push_back({partition, offset});
  json["input_end"] = std::move(input_end);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Receipt> receipt_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt_receipt("it is not a JSON object");
  Fields fields(json);
  if (fields.text("schema") != kSchema)
    return corrupt_receipt("its schema is not " + std::string(kSchema));
  Receipt receipt;
  receipt.query = fields.text("query");
  receipt.batch = fields.count("batch");
  receipt.attempt = fields.count("attempt");
  receipt.reference = Nanos(fields.number("reference_ns"));
  receipt.events = fields.count("events");
  receipt.malformed = fields.count("malformed");
  receipt.foreign = fields.count("foreign");
  receipt.negatives = fields.count("negatives");
  auto ages = Histogram::decode_base64(fields.text("ages"));
  if (!ages) return tl::unexpected(std::move(ages).error().in("a receipt's ages"));
  receipt.ages = std::move(*ages);
  const int64_t min = fields.count("ages_min_us"), max = fields.count("ages_max_us");
  receipt.ages.restore(min, max, fields.count("ages_overflow"), receipt.negatives);
  read_ranges(fields, receipt.ranges);
  receipt.repeated = fields.count("repeated");
  receipt.repeats = fields.ids("repeats");
  receipt.inverted = fields.count("inverted");
  receipt.inversions = fields.ids("inversions");
  read_input_end(fields, receipt.input_end);
  if (!fields.missed().empty())
    return corrupt_receipt("its field " + fields.missed() + " is missing or not what it should be");
  return receipt;
}

}  // namespace weir
