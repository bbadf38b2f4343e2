#include "weir/sys/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "weir/base/sha256.h"

namespace weir {
namespace {

constexpr size_t kPieceBytes = 1 << 18;  // read at once where the whole may be large

tl::unexpected<Error> failed(std::string_view verb, const std::string& path) {
  return tl::unexpected(error_from_errno(errno, verb, path));
}

class RealFile final : public File {
 public:
  RealFile(int fd, uint64_t size, std::string path)
      : fd_(fd), size_(size), path_(std::move(path)) {}
  ~RealFile() override { ::close(fd_); }

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), off_t(size_));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("write", path_);
      size_ += uint64_t(n);
      bytes.remove_prefix(size_t(n));
    }
    return {};
  }

  Result<size_t> read_at(uint64_t at, char* into, size_t size) override {
    size_t done = 0;
    while (done < size) {
      ssize_t n = ::pread(fd_, into + done, size - done, off_t(at + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("read", path_);
      if (n == 0) break;
      done += size_t(n);
    }
    return done;
  }

  Status sync() override {
    if (::fdatasync(fd_) != 0) return failed("flush", path_);
    return {};
  }

  Status truncate(uint64_t size) override {
    if (::ftruncate(fd_, off_t(size)) != 0) return failed("truncate", path_);
    size_ = size;
    return {};
  }

  Result<uint64_t> size() override { return size_.load(); }
  int descriptor() const override { return fd_; }

 private:
  const int fd_;
  std::atomic<uint64_t> size_;  // where the next append goes; read beside append()
  const std::string path_;
};

class RealLock final : public FileLock {
 public:
  explicit RealLock(int fd) : fd_(fd) {}
  ~RealLock() override { ::close(fd_); }  // releases the flock

 private:
  const int fd_;
};

class RealDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path) override {
    return open_with(path, O_RDWR | O_CREAT);
  }

  Result<std::unique_ptr<File>> open_to_read(const std::string& path) override {
    return open_with(path, O_RDONLY);
  }

  static Result<std::unique_ptr<File>> open_with(const std::string& path, int flags) {
    int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd < 0) return failed("open", path);
    struct stat status;
    if (::fstat(fd, &status) != 0) {
      auto error = failed("examine", path);
      ::close(fd);
      return error;
    }
    return std::make_unique<RealFile>(fd, uint64_t(status.st_size), path);
  }

  Result<std::string> read(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failed("open", path);
    std::string content;
    char buffer[1 << 16];
    while (true) {
      ssize_t n = ::read(fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        auto error = failed("read", path);
        ::close(fd);
        return error;
      }
      if (n == 0) break;
      content.append(buffer, size_t(n));
    }
    ::close(fd);
    return content;
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Status make_folders(const std::string& path) override {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) return tl::unexpected(error_from_errno(code.value(), "create the folder", path));
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DIR* open = ::opendir(folder.c_str());
    if (open == nullptr) return failed("list", folder);
    std::vector<std::string> names;
    while (dirent* entry = ::readdir(open)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(open);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from + " to " + to);
    return {};
  }

  Status rename_new(const std::string& from, const std::string& to) override {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EINVAL || errno == ENOSYS)
      return Disk::rename_new(from, to);  // not on this file system
    return failed("rename", from + " to " + to);
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
    return {};
  }

  Status remove_all(const std::string& path) override {
    std::error_code code;
    std::filesystem::remove_all(path, code);
    if (code) return tl::unexpected(error_from_errno(code.value(), "remove", path));
    return {};
  }

  Status sync_folder(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed("open", path);
    Status status;
    if (::fsync(fd) != 0) status = failed("flush", path);
    ::close(fd);
    return status;
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return failed("open", path);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return std::make_unique<RealLock>(fd);
    const int reason = errno;
    ::close(fd);
    if (reason == EWOULDBLOCK)
      return fail(Code::kUsage, "cannot lock " + path, "another process holds it",
                  "stop that process or choose another folder");
    return tl::unexpected(error_from_errno(reason, "lock", path));
  }
};

}  // namespace

Status Disk::write_whole(const std::string& path, std::string_view bytes) {
  return write_whole(path, [bytes](File& file) { return file.append(bytes); });
}

Status Disk::write_whole(const std::string& path, const std::function<Status(File&)>& write) {
  const std::string temporary = path + ".tmp";
  WEIR_TRY(remove(temporary));  // a crash may have left one, and append() would extend it
  {
    auto file = WEIR_TRY(open(temporary));
    WEIR_TRY(write(*file));
    WEIR_TRY(file->sync());
  }
  WEIR_TRY(rename(temporary, path));
  const size_t slash = path.rfind('/');
  return sync_folder(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
}

Result<std::string> sha256_of_file(Disk& disk, const std::string& path) {
  const auto file = WEIR_TRY(disk.open_to_read(path));
  Sha256 digest;
  std::vector<char> piece(kPieceBytes);
  for (uint64_t at = 0;;) {
    const size_t n = WEIR_TRY(file->read_at(at, piece.data(), piece.size()));
    if (n == 0) return digest.hex();
    digest.update({piece.data(), n});
    at += n;
  }
}

Status flush_file_system(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed("open", path);
  Status status;
  if (::syncfs(fd) != 0) status = failed("flush the file system of", path);
  ::close(fd);
  return status;
}

std::unique_ptr<Disk> real_disk() { return std::make_unique<RealDisk>(); }

}  // namespace weir
