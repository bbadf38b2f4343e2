// The visitors of a message's walk over its fields: write it, read it, describe it.
//
// Only messages/<api>.cc and tests include this; others call encode, decode and describe (field.h).
// Bytes from outside: no length or count sizes an allocation before that many bytes are known to
// be there, and the elements of all arrays of one message together are bounded.
#pragma once
#include <concepts>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/wire/api.h"
#include "weir/wire/field.h"

namespace weir::wire {

// The most array elements that one message may hold; a served metadata request of a whole cluster
// has a few thousand. Bounds memory where an element is much larger decoded than encoded.
inline constexpr int64_t kElementsMax = 1'000'000;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
concept Integer = (std::integral<T> && !std::same_as<T, bool>) || std::is_enum_v<T>;
// Strings have a 16-bit length in plain versions; everything else a 32-bit one.
template <class T>
inline constexpr bool is_string = std::same_as<T, std::string>;
template <class T>
concept Struct = std::is_class_v<T> && !is_optional<T> && !is_vector<T> && !is_string<T> &&
                 !std::same_as<T, Bytes> && !std::same_as<T, Records> && !std::same_as<T, Uuid>;

// Appends the unsigned variable-length form, seven bits a byte, lowest first.
inline void append_uvarint(std::string& out, uint32_t x) {
  for (; x >= 0x80; x >>= 7) out.push_back(char(x | 0x80));
  out.push_back(char(x));
}

class Encoder {
 public:
  Encoder(std::string& out, int16_t version, bool flexible)
      : out_(out), version_(version), flexible_(flexible) {}

  template <class M>
  void message(const M& m) {
    M::fields(*this, m);
    if (flexible_) tagged(m);
  }
  template <class T>
  void operator()(const Field& field, const T& x) {
    if (field.tag < 0 && field.in.has(version_)) put(field, x);
  }

 private:
  // The tagged fields that differ from their defaults: counted first, then written, so that the
  // usual case, none, costs no allocation.
  struct TagCounter {
    Encoder& encoder;
    uint32_t count = 0;
    template <class T>
    void operator()(const Field& field, const T& x) {
      if (field.tag >= 0 && encoder.tag_present(field, x)) ++count;
    }
  };
  struct TagWriter {
    Encoder& encoder;
    template <class T>
    void operator()(const Field& field, const T& x) {
      if (field.tag < 0 || !encoder.tag_present(field, x)) return;
      std::string body;
      Encoder inner(body, encoder.version_, true);
      inner.put(field, x);
      append_uvarint(encoder.out_, uint32_t(field.tag));
      append_uvarint(encoder.out_, uint32_t(body.size()));
      encoder.out_ += body;
    }
  };
  template <class T>
  bool tag_present(const Field& field, const T& x) const {
    if (!field.in.has(version_)) return false;
    if constexpr (Integer<T>)
      return int64_t(x) != field.tag_default;
    else
      return !(x == T{});
  }
  template <class M>
  void tagged(const M& m) {
    TagCounter counter{*this};
    M::fields(counter, m);
    append_uvarint(out_, counter.count);
    if (counter.count == 0) return;
    TagWriter writer{*this};
    M::fields(writer, m);
  }

  template <class T>
  void put(const Field& field, const std::optional<T>& x) {
    if (x) return put(field, *x);
    if (field.null_in.has(version_)) return length<T>(-1);
    put(field, T{});
  }
  template <Integer T>
  void put(const Field&, T x) {
    if constexpr (std::is_enum_v<T>)
      append_be(out_, std::underlying_type_t<T>(x));
    else
      append_be(out_, x);
  }
  void put(const Field&, bool x) { out_.push_back(char(x)); }
  void put(const Field&, const Uuid& x) {
    out_.append(reinterpret_cast<const char*>(x.bytes.data()), x.bytes.size());
  }
  void put(const Field&, const std::string& x) {
    length<std::string>(int64_t(x.size()));
    out_ += x;
  }
  void put(const Field&, const Bytes& x) {
    length<Bytes>(int64_t(x.data.size()));
    out_ += x.data;
  }
  void put(const Field&, Records x) {
    length<Records>(int64_t(x.size()));
    out_ += x;
  }
  template <class T>
  void put(const Field& field, const std::vector<T>& xs) {
    length<std::vector<T>>(int64_t(xs.size()));
    for (const auto& x : xs) put(field, x);
  }
  template <Struct M>
  void put(const Field&, const M& m) {
    message(m);
  }

  template <class T>
  void length(int64_t n) {
    if (flexible_) return append_uvarint(out_, uint32_t(n + 1));
    if constexpr (is_string<T>) {
      WEIR_CHECK_LE(n, INT16_MAX);
      append_be(out_, int16_t(n));
    } else {
      WEIR_CHECK_LE(n, INT32_MAX);
      append_be(out_, int32_t(n));
    }
  }

  std::string& out_;
  const int16_t version_;
  const bool flexible_;
};

class Decoder {
 public:
  Decoder(std::string_view in, int16_t version, bool flexible)
      : in_(in), version_(version), flexible_(flexible), elements_left_(&elements_) {}

  template <class M>
  void message(M& m) {
    M::fields(*this, m);
    if (flexible_) tagged(m);
  }
  template <class T>
  void operator()(const Field& field, T& x) {
    if (field.tag < 0 && field.in.has(version_) && ok_) get(field, x);
  }

  // Whether all was read, and nothing is left.
  bool done() const { return ok_ && in_.empty(); }
  bool ok() const { return ok_; }
  size_t left() const { return in_.size(); }
  const char* failed_field() const { return failed_field_; }

 private:
  struct TagReader {
    Decoder& decoder;
    uint32_t tag;
    bool known = false;
    template <class T>
    void operator()(const Field& field, T& x) {
      if (field.tag < 0 || uint32_t(field.tag) != tag) return;
      if (!field.in.has(decoder.version_)) return;
      known = true;
      decoder.get(field, x);
    }
  };
  template <class M>
  void tagged(M& m) {
    for (uint32_t n = uvarint(); ok_ && n > 0; --n) {
      const uint32_t tag = uvarint();
      const uint32_t size = uvarint();
      if (!need(size)) return;
      Decoder inner(in_.substr(0, size), version_, true);
      inner.elements_left_ = elements_left_;
      TagReader reader{inner, tag};
      M::fields(reader, m);
      if (reader.known && !inner.done()) return fail();
      in_.remove_prefix(size);
    }
  }

  template <class T>
  void get(const Field& field, std::optional<T>& x) {
    const int64_t n = length<T>();
    if (!ok_) return fail(field);
    if (n >= 0) return get(field, x.emplace(), n);
    if (!field.null_in.has(version_)) return fail(field);
    x.reset();
  }
  template <Integer T>
  void get(const Field& field, T& x) {
    if (!need(sizeof(T))) return fail(field);
    if constexpr (std::is_enum_v<T>)
      x = T(load_be<std::underlying_type_t<T>>(in_.data()));
    else
      x = load_be<T>(in_.data());
    in_.remove_prefix(sizeof(T));
  }
  void get(const Field& field, bool& x) {
    int8_t byte = 0;
    get(field, byte);
    x = byte != 0;
  }
  void get(const Field& field, Uuid& x) {
    if (!need(x.bytes.size())) return fail(field);
    std::memcpy(x.bytes.data(), in_.data(), x.bytes.size());
    in_.remove_prefix(x.bytes.size());
  }
  template <class T>
  requires is_string<T> || std::same_as<T, Bytes> || std::same_as<T, Records> || is_vector<T>
  void get(const Field& field, T& x) {
    const int64_t n = length<T>();
    if (!ok_ || n < 0) return fail(field);
    get(field, x, n);
  }
  template <Struct M>
  void get(const Field&, M& m) {
    message(m);
  }

  void get(const Field& field, std::string& x, int64_t n) { x = take(field, n); }
  void get(const Field& field, Bytes& x, int64_t n) { x.data = take(field, n); }
  void get(const Field& field, Records& x, int64_t n) { x = take(field, n); }
  template <class T>
  void get(const Field& field, std::vector<T>& xs, int64_t n) {
    // Every element is at least one byte, so a larger count cannot be true. Structs are not
    // reserved for: they can be far larger than their shortest encoding.
    if (!need(uint64_t(n)) || n > *elements_left_) return fail(field);
    *elements_left_ -= n;
    xs.clear();
    for (; ok_ && n > 0; --n) get(field, xs.emplace_back());
  }

  std::string_view take(const Field& field, int64_t n) {
    if (!need(uint64_t(n))) {
      fail(field);
      return {};
    }
    const auto taken = in_.substr(0, size_t(n));
    in_.remove_prefix(size_t(n));
    return taken;
  }
  template <class T>
  int64_t length() {
    if (flexible_) return int64_t(uvarint()) - 1;
    if constexpr (is_string<T>)
      return fixed<int16_t>();
    else
      return fixed<int32_t>();
  }
  template <std::integral T>
  T fixed() {
    if (!need(sizeof(T))) return -1;
    const T x = load_be<T>(in_.data());
    in_.remove_prefix(sizeof(T));
    return x;
  }
  uint32_t uvarint() {
    uint32_t x = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (!need(1)) return 0;
      const uint8_t byte = uint8_t(in_[0]);
      in_.remove_prefix(1);
      if (shift == 28 && byte > 0x0F) break;
      x |= uint32_t(byte & 0x7F) << shift;
      if (byte < 0x80) return x;
    }
    fail();
    return 0;
  }
  bool need(uint64_t n) {
    if (ok_ && in_.size() >= n) return true;
    fail();
    return false;
  }
  void fail() { ok_ = false; }
  void fail(const Field& field) {
    ok_ = false;
    if (!failed_field_) failed_field_ = field.name;
  }

  std::string_view in_;
  const int16_t version_;
  const bool flexible_;
  bool ok_ = true;
  const char* failed_field_ = nullptr;
  int64_t elements_ = kElementsMax;
  int64_t* elements_left_;
};

// Prints the schema that the walk states; a test holds it against Kafka's own definitions.
class Describer {
 public:
  template <class M>
  static std::string of() {
    Describer describer;
    M m{};
    M::fields(describer, m);
    return std::move(describer.out_);
  }
  template <class T>
  void operator()(const Field& field, T&) {
    out_.append(depth_ * 2, ' ');
    out_ += std::string(field.name) + " " + type<T>() + " " + range(field.in);
    if (field.null_in.first <= field.null_in.last) out_ += " null " + range(field.null_in);
    if (field.tag >= 0) out_ += " tag " + std::to_string(field.tag);
    out_ += "\n";
    nested<T>();
  }

 private:
  static std::string range(Versions versions) {
    const auto first = std::to_string(versions.first);
    if (versions.last == INT16_MAX) return first + "+";
    return versions.first == versions.last ? first : first + "-" + std::to_string(versions.last);
  }
  template <class T>
  static std::string type() {
    if constexpr (is_optional<T>)
      return type<typename T::value_type>();
    else if constexpr (is_vector<T>)
      return "[]" + type<typename T::value_type>();
    else if constexpr (std::same_as<T, bool>)
      return "bool";
    else if constexpr (Integer<T>)
      return "int" + std::to_string(8 * sizeof(T));
    else if constexpr (is_string<T>)
      return "string";
    else if constexpr (std::same_as<T, Bytes>)
      return "bytes";
    else if constexpr (std::same_as<T, Records>)
      return "records";
    else if constexpr (std::same_as<T, Uuid>)
      return "uuid";
    else
      return "struct";
  }
  template <class T>
  void nested() {
    if constexpr (is_optional<T> || is_vector<T>) {
      nested<typename T::value_type>();
    } else if constexpr (Struct<T>) {
      ++depth_;
      T m{};
      T::fields(*this, m);
      --depth_;
    }
  }
  std::string out_;
  size_t depth_ = 0;
};

template <class Message>
void encode(std::string& out, const Message& message, int16_t version) {
  const Api& api = api_of(Message::kApi);
  WEIR_CHECK(api.serves(version));
  Encoder(out, version, api.is_flexible(version)).message(message);
}

template <class Message>
Result<Message> decode(std::string_view body, int16_t version) {
  const Api& api = api_of(Message::kApi);
  const auto what = [&] { return fmt::format("cannot read {} v{}", Message::kName, version); };
  if (!api.serves(version)) return fail(Code::kCorrupt, what(), "this version is not served");
  Decoder decoder(body, version, api.is_flexible(version));
  Result<Message> message{};
  decoder.message(*message);
  if (decoder.done()) return message;
  if (decoder.ok())
    return fail(Code::kCorrupt, what(), fmt::format("{} bytes left over", decoder.left()));
  const char* field = decoder.failed_field();
  return fail(Code::kCorrupt, what(), fmt::format("bad bytes at {}", field ? field : "its tags"));
}

template <class Message>
std::string describe() {
  return Describer::of<Message>();
}

}  // namespace weir::wire

// Instantiates the codec for one message; in messages/<api>.cc.
#define WEIR_WIRE_MESSAGE(M)                                                 \
  template void weir::wire::encode(std::string&, const M&, int16_t);         \
  template weir::Result<M> weir::wire::decode<M>(std::string_view, int16_t); \
  template std::string weir::wire::describe<M>();
