// The file system behind one interface, so that a test can lose every unsynced byte.
//
// Paths are UTF-8 text. A failed write or sync says so; the caller must then stop writing to that
// file (a later sync may succeed without the lost pages). RealDisk is thread safe; one File belongs
// to one thread at a time, except that sync() and read_at() may run beside append().
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir {

class File {
 public:
  virtual ~File() = default;
  virtual Status append(std::string_view bytes) = 0;  // all of it, at the end
  virtual Result<size_t> read_at(uint64_t at, char* into, size_t size) = 0;  // less only at the end
  virtual Status sync() = 0;                                                 // fdatasync
  virtual Status truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() = 0;
  // For sendfile; -1 on a fake.
  virtual int descriptor() const { return -1; }
};

// A lock on a file between processes; released when this goes out of scope or the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // Opens for reading and appending, creating it (not its folder) when missing.
  virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;
  // For reading alone, so that a file which may not be written will do. kNotFound when missing.
  virtual Result<std::unique_ptr<File>> open_to_read(const std::string& path) = 0;
  virtual Result<std::string> read(const std::string& path) = 0;  // the whole file
  virtual bool exists(const std::string& path) = 0;
  virtual Status make_folders(const std::string& path) = 0;                      // like mkdir -p
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;  // names, sorted
  virtual Status rename(const std::string& from, const std::string& to) = 0;     // replaces `to`
  // Like rename, but kAlreadyExists when `to` is there: of several writers exactly one succeeds.
  // This default looks and then renames; real_disk() does both in one step.
  virtual Status rename_new(const std::string& from, const std::string& to) {
    if (exists(to)) return fail(Code::kAlreadyExists, "cannot rename " + from, to + " exists");
    return rename(from, to);
  }
  virtual Status remove(const std::string& path) = 0;      // a file; missing is no error
  virtual Status remove_all(const std::string& path) = 0;  // a folder with all in it
  virtual Status sync_folder(const std::string& path) = 0;
  // Locks `path` (created when missing); kUsage at once when someone else holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;

  // Writes `bytes` to path + ".tmp", syncs, renames onto path, syncs the folder: after a crash the
  // file is the old or the new one, whole.
  Status write_whole(const std::string& path, std::string_view bytes);
  // The same of what `write` appends piece by piece; when it fails, the old file stays.
  Status write_whole(const std::string& path, const std::function<Status(File&)>& write);
};

// The SHA-256 of a file in hexadecimal digits, read piece by piece. kNotFound when it is missing.
Result<std::string> sha256_of_file(Disk& disk, const std::string& path);

std::unique_ptr<Disk> real_disk();

// Returns when all that was written, and removed, on the file system of `path` has reached its disk,
// by any program. Blocks that a removed file gives back are part of that: they take long where the
// disk is told of each, and whoever flushes next would wait for them.
Status flush_file_system(const std::string& path);

}  // namespace weir
