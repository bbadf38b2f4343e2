#include "weir/kafka/login_module.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace weir::kafka {
namespace {

tl::unexpected<Error> malformed(std::string why) {
  return fail(Code::kUsage, "sasl.jaas.config cannot be read", std::move(why),
              "write it as org.apache.kafka.common.security.plain.PlainLoginModule required "
              "username=\"...\" password=\"...\";");
}

bool is_word(char c) {
  return std::isalnum(uint8_t(c)) || uint8_t(c) >= 0x80 ||
         std::string_view("-_$./+@%").find(c) != std::string_view::npos;
}

struct Token {
  enum class Kind { kWord, kMark, kEnd } kind = Kind::kEnd;
  std::string text;
};

// Words, quoted words with C escapes, and the marks = and ; (java.io.StreamTokenizer's rules).
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  // Empty when a quoted word does not end.
  std::optional<Token> next() {
    while (at_ < text_.size() && std::isspace(uint8_t(text_[at_]))) ++at_;
    if (at_ == text_.size()) return Token{};
    const char c = text_[at_];
    if (c == '"' || c == '\'') return quoted(c);
    if (!is_word(c)) {
      ++at_;
      return Token{Token::Kind::kMark, {c}};
    }
    Token word{Token::Kind::kWord, {}};
    while (at_ < text_.size() && is_word(text_[at_])) word.text += text_[at_++];
    return word;
  }

 private:
  std::optional<Token> quoted(char quote) {
    Token word{Token::Kind::kWord, {}};
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == quote) {
        ++at_;
        return word;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
      }
      word.text += c;
    }
    return std::nullopt;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<LoginModule> read_login_module(std::string_view text) {
  Tokens tokens(text);
  const auto word = [&]() -> std::optional<std::string> {
    const auto token = tokens.next();
    if (!token || token->kind != Token::Kind::kWord) return std::nullopt;
    return token->text;
  };
  LoginModule module;
  const auto name = word();
  if (!name) return malformed("it must begin with the class of a login module");
  module.name = *name;
  constexpr std::array kFlags{"required", "requisite", "sufficient", "optional"};
  std::string flag = word().value_or("");
  std::transform(flag.begin(), flag.end(), flag.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (std::find(kFlags.begin(), kFlags.end(), flag) == kFlags.end())
    return malformed("\"required\" must follow the class " + module.name);
  for (;;) {
    const auto token = tokens.next();
    if (!token) return malformed("a quoted value does not end");
    if (token->kind == Token::Kind::kEnd) return malformed("it must end with a semicolon");
    if (token->text == ";" && token->kind == Token::Kind::kMark) break;
    const auto equals = tokens.next();
    if (token->kind != Token::Kind::kWord || !equals || equals->text != "=")
      return malformed("its options must be key=\"value\"");
    const auto value = word();
    if (!value) return malformed("the value of " + token->text + " is missing or does not end");
    module.options[token->text] = *value;
  }
  const auto rest = tokens.next();
  if (!rest || rest->kind != Token::Kind::kEnd)
    return malformed("a client has exactly one login module");
  return module;
}

}  // namespace weir::kafka
