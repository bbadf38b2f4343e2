// How a client's settings reach weir's own processes: through the environment, never through their
// command lines, which everybody on the machine can read.
//
// The spawning side puts to_environment() into Spawn::environment; the child's `-b` is given as a
// flag as usual. The child takes it with take_environment(), which overwrites the value in place:
// /proc/PID/environ and `ps e` show it no longer, and its own children do not inherit it. People
// may set the same variable, to keep a password off a command line of their own.
#pragma once
#include <map>
#include <string>

#include "weir/base/result.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

// Lines of key=value in the form of java_properties.h, names as -X takes them.
inline constexpr const char* kPropertiesVariable = "WEIR_CLIENT_PROPERTIES";
// A file as --command-config takes it.
inline constexpr const char* kFileVariable = "WEIR_COMMAND_CONFIG";

// Both variables, also when there is nothing to say: a child must not read what the user set for
// another cluster.
std::map<std::string, std::string> to_environment(const ClientConfig& client);

// What kPropertiesVariable holds; afterwards the variable is gone. Not beside other threads.
Result<std::map<std::string, std::string>> take_environment();

// Moves kPropertiesVariable to where only this process and its children see it: for a process that
// keeps it for others, as the guard does for its undo commands. Not beside other threads.
void hide_environment();

// Sets both variables while in scope, for a child that is started inside a module. Not beside other
// threads.
class LentEnvironment {
 public:
  explicit LentEnvironment(const ClientConfig& client);
  ~LentEnvironment();
  LentEnvironment(const LentEnvironment&) = delete;
  LentEnvironment& operator=(const LentEnvironment&) = delete;
};

}  // namespace weir::kafka
