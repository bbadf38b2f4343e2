#include "apps/weir/consent.h"

#include <unistd.h>

#include <cstdio>

namespace weir::cli {

Status ask_consent(const std::string& what, bool agreed, const std::string& refused) {
  if (what.empty() || agreed) return {};
  if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
    return fail(Code::kUsage, refused, what,
                "give --yes; without it weir asks once, at a terminal");
  std::fprintf(stderr, "%s\nGo on? [y/N] ", what.c_str());
  std::fflush(stderr);
  // Read by hand: a signal must end the wait.
  std::string answer;
  char letter = 0;
  while (read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') answer += letter;
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return fail(Code::kUsage, "nothing was begun", "it was not agreed to", "answer y, or give --yes");
}

}  // namespace weir::cli
