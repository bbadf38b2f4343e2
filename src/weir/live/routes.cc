#include "weir/live/routes.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "weir/live/metrics.h"
#include "weir/live/page.h"
#include "weir/live/snapshot.h"

namespace weir::live {
namespace {

// Takes the same time for each wrong token of the right length.
bool equal(std::string_view given, std::string_view token) {
  if (given.size() != token.size()) return false;
  unsigned different = 0;
  for (size_t i = 0; i < token.size(); ++i) different |= unsigned(given[i] ^ token[i]);
  return different == 0;
}

// The value of `name` in "a=1&b=2"; tokens and numbers need no decoding.
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return pair.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

bool allowed(const Request& request, std::string_view query, std::string_view token) {
  constexpr std::string_view kBearer = "Bearer ";
  if (request.authorization.starts_with(kBearer))
    return equal(request.authorization.substr(kBearer.size()), token);
  return equal(parameter(query, "t").value_or(""), token);
}

Reply plain(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body)};
}

// Only the one file that the run itself named, once it has ended.
Reply report(const Board& board) {
  const View view = board.summary();
  if (!view.ending || view.ending->report.empty())
    return plain(404, "The report is written when the run ends.\n");
  std::ifstream in(view.ending->report, std::ios::binary);
  if (!in) return plain(404, "The report cannot be read.\n");
  Reply reply{200, "text/html; charset=utf-8", std::string(std::istreambuf_iterator<char>(in), {})};
  reply.report = true;
  return reply;
}

}  // namespace

Reply answer(const Request& request, const Board& board, std::string_view token) {
  if (request.method != "GET") return plain(405, "Only GET.\n");
  const size_t mark = std::min(request.target.find('?'), request.target.size());
  const std::string_view path = request.target.substr(0, mark);
  const std::string_view query = request.target.substr(std::min(mark + 1, request.target.size()));
  if (path == "/healthz") return plain(200, "ok\n");
  if (!allowed(request, query, token))
    return plain(403, "Open the link that weir printed: its token is missing or wrong here.\n");
  if (path == "/") return {200, "text/html; charset=utf-8", page()};
  if (path == "/metrics") return {200, kMetricsType, metrics_text(board.summary())};
  if (path == "/report.html") return report(board);
  if (path != "/api/v1/snapshot" && path != "/api/v1/events")
    return plain(404, "There are / , /api/v1/snapshot, /api/v1/events, /metrics and /healthz.\n");
  const std::string_view since_text = request.last_event_id.empty()
                                          ? parameter(query, "since").value_or("0")
                                          : request.last_event_id;
  const auto since = number(since_text);
  if (!since) return plain(400, "since is a whole number.\n");
  if (path == "/api/v1/snapshot")
    return {200, "application/json", snapshot_json(board.view(*since)) + "\n"};
  Reply reply{200, "text/event-stream", {}};
  reply.events = true;
  reply.since = *since;
  return reply;
}

std::string event_text(const Board& board, uint64_t& since, bool& ended) {
  const View view = board.view(since);
  since = view.newest;
  ended = view.ending.has_value();
  return fmt::format("id: {}\ndata: {}\n\n", view.newest, snapshot_json(view));
}

}  // namespace weir::live
