#include "weir/wire/frame.h"

#include <fmt/format.h>

#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/wire/codec.h"

namespace weir::wire {
namespace {

// Headers are messages too, but no API's. The client id keeps its 16-bit length also in the
// flexible header, so the fields are always coded as plain, and the tags follow.
struct Header {
  int16_t api_key = 0, api_version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
  static void fields(auto& w, auto& m) {
    w({"RequestApiKey"}, m.api_key);
    w({"RequestApiVersion"}, m.api_version);
    w({"CorrelationId"}, m.correlation_id);
    w({"ClientId", kAlways, kAlways}, m.client_id);
  }
};

struct Correlation {
  int32_t id = 0;
  static void fields(auto& w, auto& m) { w({"CorrelationId"}, m.id); }
};

struct Tags {
  static void fields(auto&, auto&) {}
};

// ApiVersions is asked before the client knows what the broker speaks: its response header stays
// the plain one for ever.
bool has_flexible_response_header(const Api& api, int16_t version) {
  return api.key != ApiKey::kApiVersions && api.is_flexible(version);
}

// Reads `message`, coded plain or as tags only, from the front of `in`.
template <class M>
Status take(std::string_view& in, M& message, bool flexible, const char* what) {
  Decoder decoder(in, 0, flexible);
  decoder.message(message);
  if (!decoder.ok()) return fail(Code::kCorrupt, fmt::format("cannot read a {}", what));
  in.remove_prefix(in.size() - decoder.left());
  return {};
}

size_t begin_frame(std::string& out) {
  const size_t begin = out.size();
  append_be<int32_t>(out, 0);
  return begin;
}

}  // namespace

Result<std::optional<size_t>> frame_bytes(std::string_view stream) {
  if (stream.size() < kFramePrefixBytes) return std::optional<size_t>();
  const auto length = load_be<int32_t>(stream.data());
  if (length < 0 || length > kFrameBytesMax)
    return fail(Code::kCorrupt, "cannot read a frame",
                fmt::format("its length is {} bytes, allowed are 0 to {}", length, kFrameBytesMax));
  return std::optional<size_t>(kFramePrefixBytes + size_t(length));
}

Result<RequestHeader> take_request_header(std::string_view& frame) {
  Header header;
  WEIR_TRY(take(frame, header, false, "request header"));
  const Api* api = find_api(header.api_key);
  Tags tags;
  if (api && api->is_flexible(header.api_version))
    WEIR_TRY(take(frame, tags, true, "request header"));
  return RequestHeader{header.api_key, header.api_version, header.correlation_id,
                       std::move(header.client_id)};
}

Result<int32_t> take_response_header(std::string_view& frame, const Api& api, int16_t version) {
  Correlation correlation;
  const bool flexible = has_flexible_response_header(api, version);
  WEIR_TRY(take(frame, correlation, flexible, "response header"));
  return correlation.id;
}

size_t begin_request(std::string& out, const Api& api, const RequestHeader& header) {
  const size_t begin = begin_frame(out);
  Encoder(out, 0, false)
      .message(Header{header.api_key, header.api_version, header.correlation_id, header.client_id});
  if (api.is_flexible(header.api_version)) Encoder(out, 0, true).message(Tags{});
  return begin;
}

size_t begin_response(std::string& out, const Api& api, int16_t version, int32_t correlation_id) {
  const size_t begin = begin_frame(out);
  const bool flexible = has_flexible_response_header(api, version);
  Encoder(out, 0, flexible).message(Correlation{correlation_id});
  return begin;
}

void end_frame(std::string& out, size_t begin) {
  const size_t length = out.size() - begin - kFramePrefixBytes;
  WEIR_CHECK_LE(length, size_t(INT32_MAX));
  store_be(out.data() + begin, int32_t(length));
}

ApiVersionsResponse api_versions(std::span<const ApiKey> served) {
  ApiVersionsResponse response;
  for (const ApiKey key : served) {
    const Api& api = api_of(key);
    response.apis.push_back({int16_t(api.key), api.first_advertised, api.last});
  }
  return response;
}

ApiVersionsResponse api_versions() {
  std::vector<ApiKey> all;
  for (const Api& api : apis()) all.push_back(api.key);
  return api_versions(all);
}

void append_api_versions_refusal(std::string& out, int32_t correlation_id) {
  const ApiKey self[] = {ApiKey::kApiVersions};
  ApiVersionsResponse response = api_versions(self);
  response.error = ErrorCode::kUnsupportedVersion;
  append_response(out, 0, correlation_id, response);
}

}  // namespace weir::wire
