// A disk in memory that forgets what was not synced, as a real one may.
//
// Bytes count as durable after File::sync, names (created, renamed, removed) after sync_folder of
// the folder they stand in. crash() keeps all that is durable and any part of the rest, chosen by
// its seed. Faults are planted by number: the nth operation from now fails, or the power goes.
//
// Thread safe. Files and locks from before a crash() only return errors afterwards.
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "weir/sys/disk.h"

namespace weir {

class FakeDisk final : public Disk {
 public:
  enum class Loss {
    kNothing,   // kill -9: the cache lives on, and what it holds is as unsynced as before
    kUnsynced,  // every unsynced byte and name is gone
    kTorn,      // unsynced bytes stay, are cut, or have zeroed sectors of 512 bytes, by chance
  };
  enum class Fault { kWrite, kSync };

  // After a crash only what `loss` leaves is there, and the power is on again.
  void crash(Loss loss, uint64_t seed = 1);
  // The power goes at the nth (from 0) operation from now that changes the disk: that one has part
  // of its effect or none, it and all later ones fail until crash().
  void power_off_at(uint64_t operation);
  bool powered() const;
  // The nth (from 0) append or sync from now fails once; a failed append wrote half of its bytes.
  void fail_at(Fault fault, uint64_t nth);
  // Appends beyond this many bytes over all files fail with kDiskFull, after writing what fits.
  void set_capacity(uint64_t bytes);
  // Changes stored bytes behind everybody's back (rot); the file must exist and be long enough.
  void overwrite(const std::string& path, uint64_t at, std::string_view bytes);
  uint64_t operations() const;  // that changed the disk, so far
  uint64_t bytes_appended() const;

  Result<std::unique_ptr<File>> open(const std::string& path) override;
  Result<std::unique_ptr<File>> open_to_read(const std::string& path) override;
  Result<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  Status make_folders(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_all(const std::string& path) override;
  Status sync_folder(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  class OpenFile;
  class HeldLock;
  // A file, or a folder with entries.
  struct Node {
    bool folder = false;
    std::map<std::string, std::shared_ptr<Node>> entries, durable_entries;
    std::string bytes, durable_bytes;
    uint64_t low = 0;  // the least size since the last sync: below it both are equal
  };

  // All below need mutex_.
  std::shared_ptr<Node> walk(const std::string& path) const;
  std::shared_ptr<Node> parent_of(const std::string& path, std::string* name) const;
  Status change(const std::string& what);  // counts an operation; fails without power
  Status append_to(Node& node, std::string_view bytes);
  Status sync_node(Node& node);
  static uint64_t total(const Node& node);
  static void lose(Node& node, Loss loss, uint64_t& random);

  mutable std::mutex mutex_;
  std::shared_ptr<Node> root_ = new_folder();
  static std::shared_ptr<Node> new_folder();
  uint64_t epoch_ = 0, operations_ = 0, appended_ = 0;
  bool powered_ = true;
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
  uint64_t power_off_in_ = kNever, write_fault_in_ = kNever, sync_fault_in_ = kNever;
  uint64_t capacity_ = kNever;
  std::set<std::string> locked_;
};

}  // namespace weir
