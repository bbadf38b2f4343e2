#include "weir/setup/java.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "weir/setup/tools.h"
#include "weir/sys/log_tail.h"

namespace weir::setup {
namespace {

constexpr const char* kGetJava =
    "apt install openjdk-17-jre-headless (Debian, Ubuntu) or dnf install java-17-openjdk-headless "
    "(Fedora); or set JAVA_HOME to one";

std::string at_least(int minimum) { return "Java " + std::to_string(minimum) + " or later"; }

Result<std::string> java_program(int minimum, const Places& places) {
  if (!places.java_home.empty()) {
    std::string program = places.java_home + "/bin/java";
    if (access(program.c_str(), X_OK) == 0) return program;
    return fail(Code::kFailed, at_least(minimum) + " is needed",
                "JAVA_HOME is " + places.java_home + ", and there is no program bin/java in it",
                "unset JAVA_HOME or let it name a Java; " + std::string(kGetJava));
  }
  if (auto program = find_program("java", places)) return *program;
  return fail(Code::kFailed, at_least(minimum) + " is needed",
              "JAVA_HOME is not set and PATH has no program java", kGetJava);
}

}  // namespace

std::optional<int> parse_java_version(std::string_view text) {
  constexpr std::string_view kBefore = "version \"";
  const size_t at = text.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kBefore.size());
  constexpr std::string_view kOldStyle = "1.";  // 1.8 is Java 8
  if (text.starts_with(kOldStyle)) text.remove_prefix(kOldStyle.size());
  int version = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), version);
  if (end.ec != std::errc() || version <= 0) return std::nullopt;
  return version;
}

Result<Java> find_java(int minimum, const Places& places) {
  Java java;
  java.path = WEIR_TRY(java_program(minimum, places));
  const Outcome outcome = WEIR_TRY(run_tool({java.path, "-version"}, {}, places, {}));
  const auto version = parse_java_version(outcome.text);
  if (outcome.status != 0 || !version)
    return fail(Code::kFailed, at_least(minimum) + " is needed",
                java.path + " -version ended with " + std::to_string(outcome.status) +
                    " and said: " + last_lines(outcome.text, 3),
                kGetJava);
  java.version = *version;
  if (java.version < minimum)
    return fail(Code::kFailed, at_least(minimum) + " is needed",
                java.path + " is Java " + std::to_string(java.version), kGetJava);
  // /usr/bin/java leads by links to <home>/bin/java.
  std::error_code error;
  const auto real = std::filesystem::canonical(java.path, error);
  java.home = !places.java_home.empty() ? places.java_home
              : error                   ? ""
                                        : real.parent_path().parent_path().string();
  return java;
}

}  // namespace weir::setup
