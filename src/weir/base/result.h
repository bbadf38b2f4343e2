// Expected failures as values: Result<T> carries either a T or an Error meant for a person.
//
// Bugs abort through WEIR_CHECK (check.h); protocol answers are plain data of their protocol; all
// else that can fail returns Result and is passed up with WEIR_TRY. Nothing throws across a module.
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

namespace weir {

// Why something failed, as far as some caller acts on the difference.
enum class Code {
  kFailed,    // weir could not do its work (exit 1)
  kUsage,     // the user's flags, plan or input are wrong (exit 2)
  kNotFound,  // the named file, topic or partition does not exist
  kAlreadyExists,
  kUnreachable,  // no broker answered in time
  kTimeout,
  kDiskFull,
  kCorrupt,  // stored bytes contradict their checksum or format
  kFenced,   // a newer attempt owns this state
  kInterrupted,
};

// A message to a person in three parts. `what` happened, `why`, and what to try.
struct Error {
  Code code = Code::kFailed;
  std::string what;
  std::string why;
  std::string remedy;

  // The same error with `where` put in front of `what`: "where: what".
  Error in(std::string_view where) && {
    what = std::string(where) + ": " + what;
    return std::move(*this);
  }
};

// "what\n  why: ...\n  try: ..."; parts that are empty are left out. No final newline.
std::string to_text(const Error& error);

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Code code, std::string what, std::string why = {},
                                  std::string remedy = {}) {
  return tl::unexpected(Error{code, std::move(what), std::move(why), std::move(remedy)});
}

// An Error from errno: what = "cannot <verb> <object>", why = strerror; ENOSPC becomes kDiskFull,
// ENOENT kNotFound, EEXIST kAlreadyExists.
Error error_from_errno(int error_number, std::string_view verb, std::string_view object);

// The value of a Result that has one; nothing for a Status, whose value() cannot be moved from.
template <class T>
T value_of(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace weir

// Evaluates to the value of a Result, or returns its Error from the calling function.
#define WEIR_TRY(...)                                                                \
  ({                                                                                 \
    auto weir_try_result = (__VA_ARGS__);                                            \
    if (!weir_try_result) return tl::unexpected(std::move(weir_try_result).error()); \
    ::weir::value_of(std::move(weir_try_result));                                    \
  })
// The same with `where` (a string) in front of the error's what.
#define WEIR_TRY_IN(where, ...)                                                                \
  ({                                                                                           \
    auto weir_try_result = (__VA_ARGS__);                                                      \
    if (!weir_try_result) return tl::unexpected(std::move(weir_try_result).error().in(where)); \
    ::weir::value_of(std::move(weir_try_result));                                              \
  })
