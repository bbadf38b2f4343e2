#include "weir/record/compression.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "weir/base/bytes.h"
#include "weir/base/check.h"

namespace weir::record {
namespace {

constexpr int kGzipWindow = 15 + 16;  // largest window; +16 selects the gzip wrapper [zlib.h]
constexpr size_t kFirstChunkBytes = 64 << 10;
constexpr size_t kSnappyBlockBytes = 32 << 10;  // as xerial's default

// Magic, then the version and the lowest version that can read it, both 1.
constexpr std::string_view kXerialHeader("\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
constexpr size_t kXerialMagicBytes = 8;

// Room for output of unknown size: doubles up to the bound.
class Growing {
 public:
  Growing(std::string& out, size_t bytes_max) : out_(out), bytes_max_(bytes_max) {
    out_.resize(std::min(bytes_max_, kFirstChunkBytes));
  }
  char* at() { return out_.data() + used_; }
  size_t room() const { return out_.size() - used_; }
  void used(size_t n) { used_ += n; }
  // Makes room when there is none; false at the bound.
  bool grow() {
    if (room() > 0) return true;
    if (out_.size() >= bytes_max_) return false;
    out_.resize(std::min(bytes_max_, out_.size() * 2));
    return true;
  }
  void finish() { out_.resize(used_); }

 private:
  std::string& out_;
  const size_t bytes_max_;
  size_t used_ = 0;
};

bool expand_gzip(std::string_view in, Growing& out) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return false;
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> closer(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = uInt(in.size());
  for (;;) {
    const bool bounded = !out.grow();
    // At the bound one spare byte tells whether the stream is at its end or goes on.
    char spare;
    stream.next_out = reinterpret_cast<Bytef*>(bounded ? &spare : out.at());
    stream.avail_out = bounded ? 1 : uInt(std::min(out.room(), size_t(UINT32_MAX)));
    const uInt room = stream.avail_out;
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (bounded && stream.avail_out == 0) return false;
    if (!bounded) out.used(room - stream.avail_out);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return true;
      if (inflateReset(&stream) != Z_OK) return false;  // another member follows
    } else if (status != Z_OK) {
      return false;
    }
  }
}

bool expand_snappy_block(std::string_view in, std::string& out, size_t bytes_max) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(in.data(), in.size(), &size)) return false;
  // Snappy's own format expands at most 64 bytes from 3, so a larger claim is false: the
  // allocation is bounded by the input as well as by the limit.
  if (size > bytes_max - out.size() || size / 32 > in.size()) return false;
  const size_t before = out.size();
  out.resize(before + size);
  return snappy::RawUncompress(in.data(), in.size(), out.data() + before);
}

bool expand_snappy(std::string_view in, std::string& out, size_t bytes_max) {
  out.clear();
  if (!in.starts_with(kXerialHeader.substr(0, kXerialMagicBytes)))
    return expand_snappy_block(in, out, bytes_max);
  if (in.size() < kXerialHeader.size()) return false;
  in.remove_prefix(kXerialHeader.size());
  while (!in.empty()) {
    if (in.size() < sizeof(int32_t)) return false;
    const auto size = load_be<int32_t>(in.data());
    in.remove_prefix(sizeof(int32_t));
    if (size < 0 || size_t(size) > in.size()) return false;
    if (!expand_snappy_block(in.substr(0, size_t(size)), out, bytes_max)) return false;
    in.remove_prefix(size_t(size));
  }
  return true;
}

bool expand_lz4(std::string_view in, Growing& out) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) return false;
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> closer(
      context, LZ4F_freeDecompressionContext);
  for (;;) {
    const bool bounded = !out.grow();
    char spare;
    size_t written = bounded ? 1 : out.room();
    size_t read = in.size();
    const size_t hint =
        LZ4F_decompress(context, bounded ? &spare : out.at(), &written, in.data(), &read, nullptr);
    if (LZ4F_isError(hint) || (bounded && written > 0)) return false;
    if (!bounded) out.used(written);
    in.remove_prefix(read);
    if (hint == 0 && in.empty()) return true;
    if (read == 0 && written == 0) return false;  // cut off
  }
}

bool expand_zstd(std::string_view in, Growing& out) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  for (;;) {
    const bool bounded = !out.grow();
    char spare;
    ZSTD_outBuffer sink{bounded ? &spare : out.at(), bounded ? 1 : out.room(), 0};
    const size_t read_before = source.pos;
    const size_t hint = ZSTD_decompressStream(context.get(), &sink, &source);
    if (ZSTD_isError(hint) || (bounded && sink.pos > 0)) return false;
    if (!bounded) out.used(sink.pos);
    if (hint == 0 && source.pos == source.size) return true;
    if (source.pos == read_before && sink.pos == 0) return false;  // cut off
  }
}

void compress_gzip(std::string_view in, std::string& out) {
  z_stream stream{};
  const int level = Z_DEFAULT_COMPRESSION, memory = 8;
  WEIR_CHECK_EQ(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, memory, Z_DEFAULT_STRATEGY),
                Z_OK);
  const size_t before = out.size();
  out.resize(before + deflateBound(&stream, in.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = uInt(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  stream.avail_out = uInt(out.size() - before);
  WEIR_CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
}

void compress_snappy(std::string_view in, std::string& out) {
  out += kXerialHeader;
  std::string block;
  for (; !in.empty(); in.remove_prefix(std::min(in.size(), kSnappyBlockBytes))) {
    snappy::Compress(in.data(), std::min(in.size(), kSnappyBlockBytes), &block);
    append_be(out, int32_t(block.size()));
    out += block;
  }
}

void compress_lz4(std::string_view in, std::string& out) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // the only kind that Kafka reads
  const size_t before = out.size();
  out.resize(before + LZ4F_compressFrameBound(in.size(), &preferences));
  const size_t size = LZ4F_compressFrame(out.data() + before, out.size() - before, in.data(),
                                         in.size(), &preferences);
  WEIR_CHECK(!LZ4F_isError(size));
  out.resize(before + size);
}

void compress_zstd(std::string_view in, std::string& out) {
  const size_t before = out.size();
  out.resize(before + ZSTD_compressBound(in.size()));
  const size_t size = ZSTD_compress(out.data() + before, out.size() - before, in.data(), in.size(),
                                    ZSTD_CLEVEL_DEFAULT);
  WEIR_CHECK(!ZSTD_isError(size));
  out.resize(before + size);
}

}  // namespace

void compress(Codec codec, std::string_view in, std::string& out) {
  switch (codec) {
    case Codec::kNone:
      out += in;
      return;
    case Codec::kGzip:
      return compress_gzip(in, out);
    case Codec::kSnappy:
      return compress_snappy(in, out);
    case Codec::kLz4:
      return compress_lz4(in, out);
    case Codec::kZstd:
      return compress_zstd(in, out);
  }
}

bool expand(Codec codec, std::string_view in, std::string& out, size_t bytes_max) {
  if (codec == Codec::kSnappy) return expand_snappy(in, out, bytes_max);
  if (codec == Codec::kNone) {
    if (in.size() > bytes_max) return false;
    out.assign(in);
    return true;
  }
  Growing growing(out, bytes_max);
  const bool whole = codec == Codec::kGzip   ? expand_gzip(in, growing)
                     : codec == Codec::kLz4  ? expand_lz4(in, growing)
                     : codec == Codec::kZstd ? expand_zstd(in, growing)
                                             : false;
  growing.finish();
  return whole;
}

}  // namespace weir::record
