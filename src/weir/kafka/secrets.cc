#include "weir/kafka/secrets.h"

#include <algorithm>
#include <cctype>

namespace weir::kafka {

bool is_secret(std::string_view key) {
  std::string name(key);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (name.ends_with(".location") || name.ends_with(".endpoint.url")) return false;
  for (const char* part : {"password", "passwd", "secret", "jaas", "credential", "token.value",
                           "oauthbearer.config", "ssl.key.pem", "ssl.keystore.key", "api.key"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

std::map<std::string, std::string> without_secrets(std::map<std::string, std::string> properties) {
  for (auto& [key, value] : properties)
    if (is_secret(key)) value = kHidden;
  return properties;
}

std::string hide_secrets(std::string text, const ClientConfig& client) {
  // Longest first: one secret may begin with another.
  std::vector<std::string> secrets;
  for (const auto& [key, value] : client.properties)
    if (is_secret(key) && !value.empty()) secrets.push_back(value);
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  const std::string_view hidden = kHidden;
  for (const auto& secret : secrets)
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += hidden.size())
      text.replace(at, secret.size(), hidden);
  return text;
}

std::vector<std::string> hide_arguments(std::vector<std::string> words) {
  for (auto& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    // "-Xsasl.password=x" and "--command-property=sasl.password=x" carry the flag in front.
    const size_t value =
        is_secret(std::string_view(word).substr(0, equals)) ? equals : word.find('=', equals + 1);
    if (value == std::string::npos || !is_secret(std::string_view(word).substr(0, value))) continue;
    word = word.substr(0, value + 1) + kHidden;
  }
  return words;
}

}  // namespace weir::kafka
