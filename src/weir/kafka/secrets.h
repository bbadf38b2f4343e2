// Keeps passwords and private keys out of everything that is shown or written.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/kafka/client.h"

namespace weir::kafka {

inline constexpr const char* kHidden = "[hidden]";

// Whether a property of this name holds a secret: passwords, private keys, login modules, tokens.
// Names that nobody knows are secret when they sound so.
bool is_secret(std::string_view key);

// The properties with the values of secret ones replaced by [hidden].
std::map<std::string, std::string> without_secrets(std::map<std::string, std::string> properties);

// `text` with every value of a secret property replaced by [hidden].
std::string hide_secrets(std::string text, const ClientConfig& client);

// The words of a command line with the value of every secret key=value in them replaced.
std::vector<std::string> hide_arguments(std::vector<std::string> words);

}  // namespace weir::kafka
