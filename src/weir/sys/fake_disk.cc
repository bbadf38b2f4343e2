#include "weir/sys/fake_disk.h"

#include <algorithm>

#include "weir/base/check.h"

namespace weir {
namespace {

constexpr uint64_t kSector = 512;

tl::unexpected<Error> no_power(const std::string& what) {
  return fail(Code::kFailed, what, "the power is off");
}

tl::unexpected<Error> not_found(const std::string& path) {
  return fail(Code::kNotFound, "cannot open " + path, "it does not exist");
}

// splitmix64: a small generator with a whole-word state, so that a seed fixes the crash.
uint64_t next_random(uint64_t& state) {
  uint64_t x = (state += 0x9E3779B97F4A7C15u);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// True when the countdown reaches its operation now.
bool due(uint64_t& countdown) {
  if (countdown == std::numeric_limits<uint64_t>::max()) return false;
  return countdown-- == 0;
}

}  // namespace

class FakeDisk::OpenFile final : public File {
 public:
  OpenFile(FakeDisk* disk, std::shared_ptr<Node> node, std::string path)
      : disk_(disk), node_(std::move(node)), path_(std::move(path)), epoch_(disk->epoch_) {}

  Status append(std::string_view bytes) override {
    std::lock_guard lock(disk_->mutex_);
    if (epoch_ != disk_->epoch_) return no_power("cannot write " + path_);
    return disk_->append_to(*node_, bytes);
  }
  Result<size_t> read_at(uint64_t at, char* into, size_t size) override {
    std::lock_guard lock(disk_->mutex_);
    if (epoch_ != disk_->epoch_) return no_power("cannot read " + path_);
    if (at >= node_->bytes.size()) return size_t{0};
    return node_->bytes.copy(into, size, at);
  }
  Status sync() override {
    std::lock_guard lock(disk_->mutex_);
    if (epoch_ != disk_->epoch_) return no_power("cannot flush " + path_);
    return disk_->sync_node(*node_);
  }
  Status truncate(uint64_t size) override {
    std::lock_guard lock(disk_->mutex_);
    if (epoch_ != disk_->epoch_) return no_power("cannot truncate " + path_);
    WEIR_TRY(disk_->change("cannot truncate " + path_));
    node_->bytes.resize(size, '\0');
    node_->low = std::min(node_->low, size);
    return {};
  }
  Result<uint64_t> size() override {
    std::lock_guard lock(disk_->mutex_);
    return node_->bytes.size();
  }

 private:
  FakeDisk* const disk_;
  const std::shared_ptr<Node> node_;
  const std::string path_;
  const uint64_t epoch_;
};

class FakeDisk::HeldLock final : public FileLock {
 public:
  HeldLock(FakeDisk* disk, std::string path)
      : disk_(disk), path_(std::move(path)), epoch_(disk->epoch_) {}
  ~HeldLock() override {
    std::lock_guard lock(disk_->mutex_);
    if (epoch_ == disk_->epoch_) disk_->locked_.erase(path_);
  }

 private:
  FakeDisk* const disk_;
  const std::string path_;
  const uint64_t epoch_;
};

std::shared_ptr<FakeDisk::Node> FakeDisk::new_folder() {
  auto node = std::make_shared<Node>();
  node->folder = true;
  return node;
}

std::shared_ptr<FakeDisk::Node> FakeDisk::walk(const std::string& path) const {
  std::shared_ptr<Node> node = root_;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) {
      if (!node->folder) return nullptr;
      auto entry = node->entries.find(path.substr(at, end - at));
      if (entry == node->entries.end()) return nullptr;
      node = entry->second;
    }
    at = end + 1;
  }
  return node;
}

std::shared_ptr<FakeDisk::Node> FakeDisk::parent_of(const std::string& path,
                                                    std::string* name) const {
  const size_t slash = path.rfind('/');
  *name = slash == std::string::npos ? path : path.substr(slash + 1);
  auto node = slash == std::string::npos ? root_ : walk(path.substr(0, slash));
  return node && node->folder ? node : nullptr;
}

Status FakeDisk::change(const std::string& what) {
  if (due(power_off_in_)) powered_ = false;
  if (!powered_) return no_power(what);
  ++operations_;
  return {};
}

Status FakeDisk::append_to(Node& node, std::string_view bytes) {
  Status alive = change("cannot write");
  // Power lost in this very write: some of it may have reached the cache, crash() decides.
  if (!alive) {
    node.bytes += bytes;
    return alive;
  }
  if (due(write_fault_in_)) {
    node.bytes += bytes.substr(0, bytes.size() / 2);
    return fail(Code::kFailed, "cannot write", "Input/output error");
  }
  const uint64_t used = capacity_ == kNever ? 0 : total(*root_);
  if (capacity_ != kNever && used + bytes.size() > capacity_) {
    node.bytes += bytes.substr(0, capacity_ > used ? capacity_ - used : 0);
    return fail(Code::kDiskFull, "cannot write", "No space left on device", "free some space");
  }
  node.bytes += bytes;
  appended_ += bytes.size();
  return {};
}

Status FakeDisk::sync_node(Node& node) {
  WEIR_TRY(change("cannot flush"));
  if (due(sync_fault_in_)) return fail(Code::kFailed, "cannot flush", "Input/output error");
  node.durable_bytes.resize(node.low);
  node.durable_bytes.append(node.bytes, node.low);
  node.low = node.bytes.size();
  return {};
}

uint64_t FakeDisk::total(const Node& node) {
  uint64_t sum = node.bytes.size();
  for (const auto& [name, entry] : node.entries) sum += total(*entry);
  return sum;
}

void FakeDisk::lose(Node& node, Loss loss, uint64_t& random) {
  if (node.folder) {
    // A file system commits its names in order, so a folder keeps all its changes or none.
    if (loss == Loss::kUnsynced || next_random(random) % 2) node.entries = node.durable_entries;
    node.durable_entries = node.entries;
    for (auto& [name, entry] : node.entries) lose(*entry, loss, random);
    return;
  }
  const uint64_t choice = loss == Loss::kTorn ? next_random(random) % 4 : 0;
  if (choice == 0) {
    node.bytes = node.durable_bytes;
  } else if (node.bytes.size() > node.low) {
    if (choice >= 2)
      node.bytes.resize(node.low + next_random(random) % (node.bytes.size() - node.low + 1));
    if (choice == 3) {
      for (uint64_t at = node.low; at < node.bytes.size();) {
        const uint64_t end = std::min<uint64_t>(node.bytes.size(), (at / kSector + 1) * kSector);
        if (next_random(random) % 2) std::fill(&node.bytes[at], &node.bytes[0] + end, '\0');
        at = end;
      }
    }
  }
  node.durable_bytes = node.bytes;
  node.low = node.bytes.size();
}

void FakeDisk::crash(Loss loss, uint64_t seed) {
  std::lock_guard lock(mutex_);
  uint64_t random = seed;
  if (loss != Loss::kNothing) lose(*root_, loss, random);
  ++epoch_;
  locked_.clear();
  powered_ = true;
  power_off_in_ = write_fault_in_ = sync_fault_in_ = kNever;
}

void FakeDisk::power_off_at(uint64_t operation) {
  std::lock_guard lock(mutex_);
  power_off_in_ = operation;
}

bool FakeDisk::powered() const {
  std::lock_guard lock(mutex_);
  return powered_;
}

void FakeDisk::fail_at(Fault fault, uint64_t nth) {
  std::lock_guard lock(mutex_);
  (fault == Fault::kWrite ? write_fault_in_ : sync_fault_in_) = nth;
}

void FakeDisk::set_capacity(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void FakeDisk::overwrite(const std::string& path, uint64_t at, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  auto node = walk(path);
  WEIR_CHECK(node && !node->folder);
  WEIR_CHECK_LE(at + bytes.size(), node->bytes.size());
  node->bytes.replace(at, bytes.size(), bytes);
  if (at + bytes.size() <= node->durable_bytes.size())
    node->durable_bytes.replace(at, bytes.size(), bytes);
}

uint64_t FakeDisk::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

uint64_t FakeDisk::bytes_appended() const {
  std::lock_guard lock(mutex_);
  return appended_;
}

Result<std::unique_ptr<File>> FakeDisk::open(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::string name;
  auto parent = parent_of(path, &name);
  if (!parent) return not_found(path);
  auto entry = parent->entries.find(name);
  if (entry == parent->entries.end()) {
    WEIR_TRY(change("cannot create " + path));
    entry = parent->entries.emplace(name, std::make_shared<Node>()).first;
  }
  if (entry->second->folder) return fail(Code::kFailed, "cannot open " + path, "Is a directory");
  return std::make_unique<OpenFile>(this, entry->second, path);
}

Result<std::unique_ptr<File>> FakeDisk::open_to_read(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (!powered_) return no_power("cannot read " + path);
  auto node = walk(path);
  if (!node || node->folder) return not_found(path);
  return std::make_unique<OpenFile>(this, node, path);
}

Result<std::string> FakeDisk::read(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (!powered_) return no_power("cannot read " + path);
  auto node = walk(path);
  if (!node || node->folder) return not_found(path);
  return node->bytes;
}

bool FakeDisk::exists(const std::string& path) {
  std::lock_guard lock(mutex_);
  return walk(path) != nullptr;
}

Status FakeDisk::make_folders(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<Node> node = root_;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    auto entry = node->entries.find(name);
    if (entry == node->entries.end()) {
      WEIR_TRY(change("cannot create the folder " + path));
      entry = node->entries.emplace(name, new_folder()).first;
    }
    node = entry->second;
    if (!node->folder) return fail(Code::kAlreadyExists, "cannot create the folder " + path);
  }
  return {};
}

Result<std::vector<std::string>> FakeDisk::list(const std::string& folder) {
  std::lock_guard lock(mutex_);
  auto node = walk(folder);
  if (!node || !node->folder) return not_found(folder);
  std::vector<std::string> names;
  for (const auto& [name, entry] : node->entries) names.push_back(name);
  return names;
}

Status FakeDisk::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  WEIR_TRY(change("cannot rename " + from));
  std::string from_name, to_name;
  auto from_parent = parent_of(from, &from_name), to_parent = parent_of(to, &to_name);
  if (!from_parent || !to_parent || !from_parent->entries.count(from_name)) return not_found(from);
  auto node = from_parent->entries[from_name];
  from_parent->entries.erase(from_name);
  to_parent->entries[to_name] = node;
  return {};
}

Status FakeDisk::remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  WEIR_TRY(change("cannot remove " + path));
  std::string name;
  if (auto parent = parent_of(path, &name)) parent->entries.erase(name);
  return {};
}

Status FakeDisk::remove_all(const std::string& path) { return remove(path); }

Status FakeDisk::sync_folder(const std::string& path) {
  std::lock_guard lock(mutex_);
  WEIR_TRY(change("cannot flush " + path));
  auto node = walk(path);
  if (!node || !node->folder) return not_found(path);
  node->durable_entries = node->entries;
  return {};
}

Result<std::unique_ptr<FileLock>> FakeDisk::lock(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (!locked_.insert(path).second)
    return fail(Code::kUsage, "cannot lock " + path, "another process holds it",
                "stop that process or choose another folder");
  return std::make_unique<HeldLock>(this, path);
}

}  // namespace weir
