// The one line of sasl.jaas.config: a login module with its options, as Kafka's clients read it.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace weir::kafka {

struct LoginModule {
  std::string name;                            // the Java class
  std::map<std::string, std::string> options;  // username, password, ...
};

// Reads "<class> required|requisite|sufficient|optional key=\"value\" ...;". kUsage says what is
// wrong without repeating the line, which holds a password.
Result<LoginModule> read_login_module(std::string_view text);

}  // namespace weir::kafka
