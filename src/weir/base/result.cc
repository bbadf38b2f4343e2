#include "weir/base/result.h"

#include <cerrno>
#include <cstring>

namespace weir {

std::string to_text(const Error& error) {
  std::string text = error.what;
  if (!error.why.empty()) text += "\n  why: " + error.why;
  if (!error.remedy.empty()) text += "\n  try: " + error.remedy;
  return text;
}

Error error_from_errno(int error_number, std::string_view verb, std::string_view object) {
  Error error;
  error.what = "cannot " + std::string(verb) + " " + std::string(object);
  error.why = std::strerror(error_number);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      error.code = Code::kDiskFull;
      error.remedy = "free some space or choose a folder on another disk";
      break;
    case ENOENT:
      error.code = Code::kNotFound;
      break;
    case EEXIST:
      error.code = Code::kAlreadyExists;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      error.code = Code::kUsage;
      error.remedy = "choose a folder that this user may write";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace weir
