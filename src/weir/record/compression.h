// The codecs of record batches: gzip, snappy (raw, and framed as Java's xerial library does), lz4
// frames, zstd.
#pragma once
#include <string>
#include <string_view>

#include "weir/record/batch_view.h"

namespace weir::record {

// The most that one batch's records may expand to. Kafka's default batch limit is 1 MiB compressed;
// a batch beyond this is taken for an attack on memory.
inline constexpr size_t kExpandedBytesMax = 128 << 20;

// Appends `in` in compressed form to `out`. kNone copies.
void compress(Codec codec, std::string_view in, std::string& out);

// Replaces `out` by what `in` expands to. False when `in` is not whole and right, or expands to
// more than `bytes_max`; memory stays within about twice that bound.
[[nodiscard]] bool expand(Codec codec, std::string_view in, std::string& out,
                          size_t bytes_max = kExpandedBytesMax);

}  // namespace weir::record
