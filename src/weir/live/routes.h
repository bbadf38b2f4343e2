// What the live server answers, apart from how bytes travel: paths, token, limits of a request.
//
// Only GET, and without the run's token nothing but /healthz is told, not even which paths exist.
// Pure functions over a Board.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/live/board.h"

namespace weir::live {

struct Request {
  std::string_view method, target;  // as received: "/api/v1/snapshot?since=12&t=..."
  std::string_view authorization;   // header; "Bearer <token>" serves as well as ?t=<token>
  std::string_view last_event_id;   // header of a page that reconnects
};

struct Reply {
  int status = 200;
  const char* type = "text/plain; charset=utf-8";
  std::string body;
  bool events = false;  // a stream of server-sent events after point number `since`
  uint64_t since = 0;
  bool report = false;  // body is the finished report
};

Reply answer(const Request& request, const Board& board, std::string_view token);

// One server-sent event with the points after `since`; sets `since` to the newest one in it and
// `ended` when it tells the run's end.
std::string event_text(const Board& board, uint64_t& since, bool& ended);

}  // namespace weir::live
