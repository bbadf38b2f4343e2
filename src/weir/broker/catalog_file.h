// What the broker knows beside its logs, as a text file (docs/formats/broker.md, "catalog").
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/broker/topic_config.h"
#include "weir/wire/field.h"

namespace weir::broker {

struct CatalogState {
  struct Topic {
    std::string name;
    wire::Uuid id;
    int32_t partitions = 0;
    TopicSettings settings;
    bool operator==(const Topic&) const = default;
  };
  std::string cluster_id;
  int64_t producer_ids_reserved = 0;  // ids below this may have been given out
  std::vector<Topic> topics;
  bool operator==(const CatalogState&) const = default;
};

std::string write_catalog(const CatalogState& state);
// kCorrupt, with the line, when the text is not a catalog or its checksum is wrong.
Result<CatalogState> read_catalog(std::string_view text);

// 22 letters of base64url, as Kafka writes ids.
std::string to_text(const wire::Uuid& id);

}  // namespace weir::broker
