#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <vector>

#include "weir/base/check.h"
#include "weir/event/ledger.h"
#include "weir/event/ledger_format.h"

namespace weir {
namespace {
namespace format = ledger_format;

// Address space is reserved once for the largest file, and the file grows below it: so the mapping
// never moves under the thread that hands over (mremap would be the alternative).
constexpr uint64_t kFileBytesMax = uint64_t{1} << 30;
constexpr uint64_t kGrowBytes = uint64_t{1} << 20;

template <class T>
void publish(T& field, T value) {
  std::atomic_ref<T>(field).store(value, std::memory_order_release);
}

// Blocks are allocated before they are touched, so that a full disk is an error and not SIGBUS.
int allocate(int descriptor, uint64_t from, uint64_t to) {
  int error;
  do error = posix_fallocate(descriptor, off_t(from), off_t(to - from));
  while (error == EINTR);
  return error;
}
}  // namespace

struct LedgerWriter::Mapping {
  // The latest range of each outcome of a partition: its index, or none.
  struct Latest {
    static constexpr uint64_t kNone = UINT64_MAX;
    uint64_t by_outcome[4] = {kNone, kNone, kNone, kNone};
  };

  std::string path;
  int descriptor = -1;
  char* memory = nullptr;
  uint64_t allocated = 0;
  uint64_t ranges = 0;
  std::vector<Latest> latest;

  Mapping() = default;
  Mapping(const Mapping&) = delete;
  ~Mapping() {
    if (memory != nullptr) munmap(memory, kFileBytesMax);
    if (descriptor >= 0) ::close(descriptor);
  }

  format::Header& header() { return *reinterpret_cast<format::Header*>(memory); }
  uint64_t& handed_over(uint32_t partition) {
    return *reinterpret_cast<uint64_t*>(memory + format::handed_over_at(partition));
  }
  uint64_t end_of(uint64_t count) const {
    return format::ranges_at(uint32_t(latest.size())) + count * sizeof(format::Range);
  }
  format::Range& range(uint64_t index) {
    return *reinterpret_cast<format::Range*>(memory + end_of(index));
  }
  Status grow();
};

Status LedgerWriter::Mapping::grow() {
  const uint64_t wanted = allocated + kGrowBytes;
  if (wanted > kFileBytesMax)
    return fail(Code::kFailed, "the ledger " + path + " is full",
                "the outcomes of this producer are split into more ranges than 1 GiB holds",
                "look for a broker that fails and accepts events in turn");
  if (const int error = allocate(descriptor, allocated, wanted))
    return tl::unexpected(error_from_errno(error, "grow", path));
  allocated = wanted;
  return {};
}

LedgerWriter::LedgerWriter(std::unique_ptr<Mapping> mapping) : mapping_(std::move(mapping)) {}
LedgerWriter::LedgerWriter(LedgerWriter&&) noexcept = default;
LedgerWriter& LedgerWriter::operator=(LedgerWriter&&) noexcept = default;
LedgerWriter::~LedgerWriter() = default;

Result<LedgerWriter> LedgerWriter::create(const std::string& path, uint32_t producer,
                                          int32_t partitions) {
  WEIR_CHECK_LT(0, partitions);
  WEIR_CHECK_LE(partitions, EventId::kPartitions);
  auto mapping = std::make_unique<Mapping>();
  mapping->path = path;
  mapping->descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (mapping->descriptor < 0) return tl::unexpected(error_from_errno(errno, "create", path));
  mapping->latest.resize(size_t(partitions));
  mapping->allocated = mapping->end_of(0);
  if (const int error = allocate(mapping->descriptor, 0, mapping->allocated))
    return tl::unexpected(error_from_errno(error, "write", path));
  void* memory =
      mmap(nullptr, kFileBytesMax, PROT_READ | PROT_WRITE, MAP_SHARED, mapping->descriptor, 0);
  if (memory == MAP_FAILED) return tl::unexpected(error_from_errno(errno, "map", path));
  mapping->memory = static_cast<char*>(memory);
  format::Header& header = mapping->header();
  header.version = format::kVersion;
  header.producer = producer;
  header.partitions = uint32_t(partitions);
  header.state = format::kOpen;
  header.first_due = format::kNoDue;
  publish(header.magic, format::kMagic);  // from here on it is a ledger
  return LedgerWriter(std::move(mapping));
}

void LedgerWriter::handed_over(PartitionId partition, uint64_t last, Nanos first_due,
                               Nanos last_due) {
  WEIR_CHECK_LT(size_t(partition.value), mapping_->latest.size());
  format::Header& header = mapping_->header();
  if (first_due.value < header.first_due) publish(header.first_due, first_due.value);
  if (last_due.value > header.last_due) publish(header.last_due, last_due.value);
  uint64_t& count = mapping_->handed_over(uint32_t(partition.value));
  if (last >= count) publish(count, last + 1);
}

Status LedgerWriter::settle(PartitionId partition, uint64_t first, uint64_t last, Outcome outcome) {
  WEIR_CHECK_LT(size_t(partition.value), mapping_->latest.size());
  WEIR_CHECK_LE(first, last);
  uint64_t& latest = mapping_->latest[size_t(partition.value)].by_outcome[size_t(outcome)];
  if (latest != Mapping::Latest::kNone && mapping_->range(latest).last + 1 == first) {
    publish(mapping_->range(latest).last, last);
    return {};
  }
  if (mapping_->end_of(mapping_->ranges + 1) > mapping_->allocated) {
    if (auto grown = mapping_->grow(); !grown) return grown;
  }
  mapping_->range(mapping_->ranges) = {uint32_t(partition.value), uint32_t(outcome), first, last};
  latest = mapping_->ranges++;
  publish(mapping_->header().ranges, mapping_->ranges);
  return {};
}

Status LedgerWriter::close() {
  publish(mapping_->header().state, format::kClosed);
  const auto failed = [&](std::string_view verb) {
    return tl::unexpected(error_from_errno(errno, verb, mapping_->path));
  };
  if (ftruncate(mapping_->descriptor, off_t(mapping_->end_of(mapping_->ranges))) != 0)
    return failed("shorten");
  // fdatasync writes the mapped pages of a shared mapping too.
  if (fdatasync(mapping_->descriptor) != 0) return failed("sync");
  mapping_.reset();
  return {};
}

}  // namespace weir
