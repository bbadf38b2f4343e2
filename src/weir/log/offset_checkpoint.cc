#include "weir/log/offset_checkpoint.h"

#include <optional>

#include "weir/base/parse_number.h"

namespace weir::log {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  const auto value = parse_number<T>(text);
  return value >= T{0} ? value : std::nullopt;
}

// Cuts off and returns what stands before the next `mark`; all when there is none.
std::string_view take_until(std::string_view& text, char mark) {
  const size_t at = text.find(mark);
  std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

}  // namespace

Status write_offset_checkpoint(Disk& disk, const std::string& path,
                               const OffsetsByPartition& offsets) {
  std::string text = fmt::format("0\n{}\n", offsets.size());
  for (const auto& [name, offset] : offsets)
    text += fmt::format("{} {} {}\n", name.topic, name.partition, offset);
  return disk.write_whole(path, text);
}

Result<OffsetsByPartition> read_offset_checkpoint(Disk& disk, const std::string& path) {
  OffsetsByPartition offsets;
  if (!disk.exists(path)) return offsets;
  const std::string content = WEIR_TRY(disk.read(path));
  auto corrupt = [&](std::string why) {
    return fail(Code::kCorrupt, "cannot use " + path, std::move(why),
                "restore the file from a copy of the data folder");
  };
  std::string_view rest = content;
  if (take_until(rest, '\n') != "0") return corrupt("its first line is not the version 0");
  const auto count = number<size_t>(take_until(rest, '\n'));
  if (!count) return corrupt("its second line is not a count");
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    TopicPartition name;
    name.topic = take_until(line, ' ');
    const auto partition = number<int32_t>(take_until(line, ' '));
    const auto offset = number<int64_t>(line);
    if (name.topic.empty() || !partition || !offset) return corrupt("a line is malformed");
    name.partition = PartitionId(*partition);
    offsets[name] = Offset(*offset);
  }
  if (offsets.size() != *count) return corrupt("its lines do not match its count");
  return offsets;
}

}  // namespace weir::log
