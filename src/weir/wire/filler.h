// For tests: fills every field of a message with a value that follows from the field's name, the
// same way as testdata/KafkaMessages.java, so that bytes of either can be compared.
#pragma once
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/codec.h"

namespace weir::wire {

class Filler {
 public:
  // Fills what `version` carries. `nulls`: leaves null what may be null in it.
  Filler(int16_t version, bool nulls) : version_(version), nulls_(nulls) {}

  template <class T>
  void operator()(const Field& field, T& x) {
    if (field.in.has(version_)) fill(field, x, index_);
  }

 private:
  static std::string plain(const char* name) {
    std::string plain;
    for (; *name; ++name) plain.push_back(char(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name));
    return plain;
  }
  static int64_t number(const Field& field, int index) {
    uint32_t hash = 0;
    for (const char c : plain(field.name)) hash = hash * 31 + uint8_t(c);
    return int64_t(int32_t(hash)) + index;
  }
  static std::string text(const Field& field, int index) {
    return plain(field.name) + std::to_string(index);
  }

  template <Integer T>
  void fill(const Field& field, T& x, int index) {
    if constexpr (std::is_enum_v<T>)
      x = T(std::underlying_type_t<T>(number(field, index)));
    else
      x = T(number(field, index));
  }
  void fill(const Field&, bool& x, int) { x = true; }
  void fill(const Field& field, std::string& x, int index) { x = text(field, index); }
  void fill(const Field& field, Bytes& x, int index) { x.data = text(field, index); }
  void fill(const Field& field, Records& x, int index) {
    x = kept_.emplace_back(text(field, index));
  }
  void fill(const Field& field, Uuid& x, int index) {
    store_be(reinterpret_cast<char*>(x.bytes.data()), number(field, index));
    store_be(reinterpret_cast<char*>(x.bytes.data()) + 8, number(field, index) + 1);
  }
  template <class T>
  void fill(const Field& field, std::optional<T>& x, int index) {
    if (nulls_ && field.null_in.has(version_))
      x.reset();
    else
      fill(field, x.emplace(), index);
  }
  template <class T>
  void fill(const Field& field, std::vector<T>& xs, int) {
    xs.resize(2);
    for (int i = 0; i < 2; ++i) fill(field, xs[size_t(i)], i);
  }
  template <Struct M>
  void fill(const Field&, M& m, int index) {
    const int outer = std::exchange(index_, index);
    M::fields(*this, m);
    index_ = outer;
  }

  const int16_t version_;
  const bool nulls_;
  int index_ = 0;
  std::list<std::string> kept_;  // what the views point to
};

}  // namespace weir::wire
