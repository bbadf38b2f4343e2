#include "weir/kafka/environment.h"

#include <cstdlib>
#include <cstring>

#include "weir/kafka/java_properties.h"

namespace weir::kafka {
namespace {

// The variable's text, overwritten where the kernel shows it, and unset.
std::string take_text() {
  char* value = std::getenv(kPropertiesVariable);
  if (!value) return {};
  const std::string text = value;
  explicit_bzero(value, text.size());
  unsetenv(kPropertiesVariable);
  return text;
}

}  // namespace

std::map<std::string, std::string> to_environment(const ClientConfig& client) {
  return {{kPropertiesVariable, java_properties_text(client.properties)}, {kFileVariable, ""}};
}

Result<std::map<std::string, std::string>> take_environment() {
  return read_java_properties(take_text(), kPropertiesVariable);
}

void hide_environment() {
  // setenv copies to the heap, which /proc/PID/environ does not show.
  if (const std::string text = take_text(); !text.empty())
    setenv(kPropertiesVariable, text.c_str(), 1);
}

LentEnvironment::LentEnvironment(const ClientConfig& client) {
  for (const auto& [name, value] : to_environment(client)) setenv(name.c_str(), value.c_str(), 1);
}

LentEnvironment::~LentEnvironment() {
  unsetenv(kPropertiesVariable);
  unsetenv(kFileVariable);
}

}  // namespace weir::kafka
