// Frames and headers around the bodies of messages: cut a byte stream into frames, read and write
// request and response headers.
//
// A frame is an int32 length and that many bytes: header, then body. Pure functions on buffers.
// Format: docs/formats/wire.md.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"
#include "weir/wire/messages/api_versions.h"

namespace weir::wire {

inline constexpr int32_t kFrameBytesMax = 100 << 20;  // as Kafka's brokers and clients
inline constexpr size_t kFramePrefixBytes = 4;

// The bytes of the first frame in `stream`, its length prefix included, as far as the stream has
// them: nothing when the length itself is still incomplete, more than stream.size() when the frame
// is. kCorrupt for a negative or too large length: close the connection.
Result<std::optional<size_t>> frame_bytes(std::string_view stream);

struct RequestHeader {
  int16_t api_key = 0;  // as it came; find_api() tells whether it is known
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
  bool operator==(const RequestHeader&) const = default;
};

// Reads the header at the front of `frame` (without length prefix) and removes it; the body stays.
// The version may be one that the API does not serve: ask Api::serves() before decoding the body.
Result<RequestHeader> take_request_header(std::string_view& frame);

// Reads the response header to a request of `api` in `version` and removes it. Returns the
// correlation id.
Result<int32_t> take_response_header(std::string_view& frame, const Api& api, int16_t version);

// Append a frame's length prefix and header, and return the position to give to end_frame() when
// the body has been appended behind.
size_t begin_request(std::string& out, const Api& api, const RequestHeader& header);
size_t begin_response(std::string& out, const Api& api, int16_t version, int32_t correlation_id);
// Fills in the length of the frame begun at `begin`.
void end_frame(std::string& out, size_t begin);

// Appends one whole request frame. The key is the message's own.
template <class Request>
void append_request(std::string& out, RequestHeader header, const Request& request) {
  header.api_key = int16_t(Request::kApi);
  const size_t begin = begin_request(out, api_of(Request::kApi), header);
  encode(out, request, header.api_version);
  end_frame(out, begin);
}

// Appends one whole response frame.
template <class Response>
void append_response(std::string& out, int16_t version, int32_t correlation_id,
                     const Response& response) {
  const size_t begin = begin_response(out, api_of(Response::kApi), version, correlation_id);
  encode(out, response, version);
  end_frame(out, begin);
}

// What ApiVersions says: the advertised ranges of `served`, or of every known API.
ApiVersionsResponse api_versions(std::span<const ApiKey> served);
ApiVersionsResponse api_versions();

// Appends the answer to an ApiVersions request of a version that is not served: in version 0, with
// kUnsupportedVersion and the range of ApiVersions itself [KIP-511].
void append_api_versions_refusal(std::string& out, int32_t correlation_id);

}  // namespace weir::wire
