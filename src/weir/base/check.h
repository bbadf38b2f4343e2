// Checks for bugs: print the condition with its operands and abort, in every build.
#pragma once
#include <fmt/format.h>

#include <string>

namespace weir {
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& operands);

template <class A, class B>
std::string describe_operands(const A& a, const B& b) {
  if constexpr (fmt::is_formattable<A>::value && fmt::is_formattable<B>::value)
    return fmt::format(" ({} against {})", a, b);
  else
    return {};
}
}  // namespace weir

#define WEIR_CHECK(condition)                                   \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::weir::check_failed(__FILE__, __LINE__, #condition, {}); \
  } while (false)
#define WEIR_CHECK_OP_(a, op, b)                                       \
  do {                                                                 \
    const auto& weir_a = (a);                                          \
    const auto& weir_b = (b);                                          \
    if (!(weir_a op weir_b)) [[unlikely]]                              \
      ::weir::check_failed(__FILE__, __LINE__, #a " " #op " " #b,      \
                           ::weir::describe_operands(weir_a, weir_b)); \
  } while (false)
#define WEIR_CHECK_EQ(a, b) WEIR_CHECK_OP_(a, ==, b)
#define WEIR_CHECK_NE(a, b) WEIR_CHECK_OP_(a, !=, b)
#define WEIR_CHECK_LT(a, b) WEIR_CHECK_OP_(a, <, b)
#define WEIR_CHECK_LE(a, b) WEIR_CHECK_OP_(a, <=, b)
