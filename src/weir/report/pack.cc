#include "weir/report/pack.h"

#include <zlib.h>

#include <array>
#include <cstdint>

#include "weir/base/check.h"
#include "weir/base/sha256.h"

namespace weir::report {
namespace {

constexpr size_t kPlainMax = 200'000;

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t three = 0;
    for (size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? uint8_t(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kDigits[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header and trailer
  WEIR_CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) ==
             Z_OK);
  std::string out(deflateBound(&stream, uLong(text.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  WEIR_CHECK(done == Z_STREAM_END);
  return out;
}

std::string data_element(std::string json) {
  if (json.size() > kPlainMax)
    return "<script type=\"application/json\" id=\"weir-data\" data-packed=\"gzip\">" +
           base64(gzip(json)) + "</script>\n";
  std::string text;
  text.reserve(json.size());
  for (const char c : json)  // "</script>" and "<!--" cannot stand in it
    c == '<' ? text += "\\u003c" : text += c;
  return "<script type=\"application/json\" id=\"weir-data\">\n" + text + "\n</script>\n";
}

std::string csp_hash(std::string_view text) {
  const std::string hex = sha256_hex(text);
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const auto digit = [&](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    bytes += char(digit(hex[i]) << 4 | digit(hex[i + 1]));
  }
  return "'sha256-" + base64(bytes) + "'";
}

}  // namespace weir::report
