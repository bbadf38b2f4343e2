#include <nlohmann/json.hpp>

#include "weir/event/audit.h"

namespace weir {
namespace {
using Json = nlohmann::ordered_json;

tl::unexpected<Error> corrupt_audit(const std::string& why) {
  return fail(Code::kCorrupt, "cannot read an audit", why,
              "check that the file was written by weir and not changed");
}

// The counts by name, for both directions.
template <class Report, class F>
void for_each_count(Report& report, F&& f) {
  f("sent", report.sent);
  f("acked", report.acked);
  f("failed", report.failed);
  f("unknown", report.unknown);
  f("processed", report.processed);
  f("lost", report.lost);
  f("duplicated", report.duplicated);
  f("reordered", report.reordered);
  f("foreign", report.foreign);
  f("pending", report.pending);
  f("receipt_lost", report.receipt_lost);
  f("malformed", report.malformed);
}

template <class Report, class F>
void for_each_list(Report& report, F&& f) {
  f("lost_ids", report.lost_ids);
  f("duplicated_ids", report.duplicated_ids);
  f("reordered_ids", report.reordered_ids);
}

Json to_object(const NamedId& named) {
  Json json{{"producer", named.id.producer()},
            {"partition", named.id.partition()},
            {"sequence", named.id.sequence()}};
  // Text only where the due time, and so the whole id, is known.
  if (named.id.due() != Nanos(0)) json["event_id"] = named.id.text();
  if (named.seen.partition >= 0) json["output_partition"] = named.seen.partition;
  if (named.seen.offset >= 0) json["output_offset"] = named.seen.offset;
  if (named.seen.batch >= 0) json["batch"] = named.seen.batch;
  if (!named.origin.empty()) json["origin"] = named.origin;
  return json;
}

// The number at `name`, `otherwise` when there is none there; false when it is no integer within
// range.
bool take(const Json& json, const char* name, int64_t otherwise, int64_t max, int64_t& number) {
  const auto at = json.find(name);
  number = otherwise;
  if (at == json.end()) return true;
  if (!at->is_number_integer()) return false;
  if (at->is_number_unsigned() && at->get<uint64_t>() > uint64_t(INT64_MAX)) return false;
  number = at->get<int64_t>();
  return number >= otherwise && number <= max;
}

bool read_named(const Json& json, NamedId& named) {
  if (!json.is_object()) return false;
  int64_t producer = 0, partition = 0, sequence = 0, output_partition = 0;
  if (!take(json, "producer", 0, EventId::kProducers - 1, producer) ||
      !take(json, "partition", 0, EventId::kPartitions - 1, partition) ||
      !take(json, "sequence", 0, int64_t(EventId::kSequenceMax), sequence) ||
      !take(json, "output_partition", -1, INT32_MAX, output_partition) ||
      !take(json, "output_offset", -1, INT64_MAX, named.seen.offset) ||
      !take(json, "batch", -1, INT64_MAX, named.seen.batch))
    return false;
  named.seen.partition = int32_t(output_partition);
  named.id = EventId::make(Nanos(0), uint32_t(producer), uint32_t(partition), uint64_t(sequence));
  if (const auto at = json.find("event_id"); at != json.end()) {
    const auto id =
        at->is_string() ? EventId::parse(at->get_ref<const std::string&>()) : std::nullopt;
    if (!id) return false;
    named.id = *id;
  }
  if (const auto at = json.find("origin"); at != json.end()) {
    if (!at->is_string()) return false;
    named.origin = at->get<std::string>();
  }
  return true;
}
}  // namespace

std::string to_json(const AuditReport& report) {
  Json json{
      {"level", report.level}, {"guarantee", report.guarantee}, {"complete", report.complete}};
  if (!report.why.empty()) json["why"] = report.why;
  if (!report.verdict.empty()) {
    json["verdict"] = report.verdict;
    json["verdict_reason"] = report.verdict_reason;
  }
  for_each_count(report, [&](const char* name, uint64_t count) { json[name] = count; });
  for_each_list(report, [&](const char* name, const std::vector<NamedId>& list) {
    Json& array = json[name] = Json::array();
    for (const NamedId& named : list) array.push_back(to_object(named));
  });
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<AuditReport> audit_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt_audit("it is not a JSON object");
  AuditReport report;
  std::string wrong;
  const auto text_in = [&](const char* name, std::string& into) {
    const auto at = json.find(name);
    if (at == json.end() || !at->is_string())
      wrong = name;
    else
      into = at->get<std::string>();
  };
  text_in("level", report.level);
  text_in("guarantee", report.guarantee);
  if (json.contains("why")) text_in("why", report.why);
  if (json.contains("verdict")) text_in("verdict", report.verdict);
  if (json.contains("verdict_reason")) text_in("verdict_reason", report.verdict_reason);
  const auto complete = json.find("complete");
  if (complete == json.end() || !complete->is_boolean())
    wrong = "complete";
  else
    report.complete = complete->get<bool>();
  for_each_count(report, [&](const char* name, uint64_t& count) {
    const auto at = json.find(name);
    // Absent is zero: a later weir may count what an earlier one did not.
    if (at == json.end()) return;
    if (!at->is_number_unsigned())
      wrong = name;
    else
      count = at->get<uint64_t>();
  });
  for_each_list(report, [&](const char* name, std::vector<NamedId>& list) {
    const auto at = json.find(name);
    if (at == json.end()) return;
    if (!at->is_array()) wrong = name;
    for (const Json& object : *at) {
      NamedId named;
      if (!read_named(object, named)) wrong = name;
      list.push_back(std::move(named));
    }
  });
  if (!wrong.empty())
    return corrupt_audit("its field " + wrong + " is missing or not what it should be");
  return report;
}

}  // namespace weir
