// The memory of domain/products.ts in C++: product names → ids. That file describes the layout.
// Change both sides together and raise the version in both.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace salesboard {

// A view of an ArrayBuffer. JavaScript owns the buffer, and only reads it during a job.
class ProductNames {
 public:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  // As PRODUCT_BYTES_MAX in domain/sale.ts.
  static constexpr size_t kNameBytesMax = 256;

  // The hash of a name that is read eight bytes at a time.
  class Hash {
   public:
    explicit Hash(const ProductNames& names)
        : low_(names.header()[kBases]), high_(names.header()[kBases + 1]) {}

    // `word`: the next eight bytes of the name; zeros fill the last word.
    void add(uint64_t word) {
      low_ = (low_ ^ static_cast<uint32_t>(word)) * kPrime;
      high_ = (high_ ^ static_cast<uint32_t>(word >> 32)) * kPrime;
    }

    uint32_t end(size_t length) const {
      const uint32_t hash = (low_ ^ static_cast<uint32_t>(length)) * kPrime ^ high_;
      return hash ^ hash >> 15;
    }

   private:
    static constexpr uint32_t kPrime = 16777619;
    uint32_t low_;
    uint32_t high_;
  };

  // Writes what is wrong with `memory` to `*wrong`: "must …, received …".
  static std::optional<ProductNames> over(void* memory, size_t memory_bytes, std::string* wrong) {
    const auto* header = static_cast<const uint32_t*>(memory);
    if (memory_bytes < kHeaderBytes || header[kVersion] != kIndexVersion) {
      *wrong = "must be the memory of a ProductIndex of version " + std::to_string(kIndexVersion) +
               ", received an ArrayBuffer of " + std::to_string(memory_bytes) + " bytes";
      return std::nullopt;
    }
    const size_t names_max = header[kNamesMax];
    const size_t bytes = kHeaderBytes + names_max * kBytesPerName + header[kArenaMax];
    const bool is_power_of_two = names_max > 0 && (names_max & (names_max - 1)) == 0;
    if (!is_power_of_two || bytes != memory_bytes) {
      *wrong = "must have a header that fits its size, received " + std::to_string(names_max) +
               " names in " + std::to_string(memory_bytes) + " bytes";
      return std::nullopt;
    }
    return ProductNames(static_cast<uint8_t*>(memory), names_max, header[kArenaMax]);
  }

  uint32_t find(const uint8_t* name, size_t length, uint32_t hash) const {
    const size_t mask = names_max_ * 2 - 1;
    for (size_t probe = 0, slot = hash & mask; probe <= mask; probe++, slot = (slot + 1) & mask) {
      const uint32_t id = slots()[slot] - 1;
      if (id >= names_max_) return kUnknown;
      if (hashes()[id] == hash && equals(id, name, length)) return id;
    }
    return kUnknown;
  }

  // Printable ASCII, which is a valid name.
  static bool is_plain(const uint8_t* name, size_t length) {
    bool is_ascii = length > 0 && length <= kNameBytesMax;
    for (size_t i = 0; i < length && is_ascii; i++) is_ascii = name[i] >= 0x20 && name[i] < 0x7f;
    return is_ascii;
  }

  // Adds a name that `find` does not know, with its hash. kUnknown: there is no room, or the name is
  // not plain. Of printable ASCII every name is valid; all others are the judge's. JavaScript may
  // read other names meanwhile, so that nothing moves, and the count comes last.
  uint32_t add(const uint8_t* name, size_t length, uint32_t hash) {
    const uint32_t id = header()[kCount];
    if (id >= names_max_) return kUnknown;
    const size_t start = id == 0 ? 0 : ends()[id - 1];
    if (start > arena_max_ || length > arena_max_ - start) return kUnknown;
    if (!is_plain(name, length)) return kUnknown;
    const size_t mask = names_max_ * 2 - 1;
    size_t slot = hash & mask;
    for (size_t probe = 0; column(0)[slot] != 0; slot = (slot + 1) & mask) {
      if (probe++ == mask) return kUnknown;
    }
    memcpy(memory_ + kHeaderBytes + names_max_ * kBytesPerName + start, name, length);
    column(8)[id] = hash;
    column(12)[id] = static_cast<uint32_t>(start + length);
    column(0)[slot] = id + 1;
    reinterpret_cast<uint32_t*>(memory_)[kCount] = id + 1;
    return id;
  }

  // The scratch row of a product that was found.
  uint32_t& row(uint32_t id) { return column(16)[id]; }

 private:
  enum Field { kVersion, kNamesMax, kArenaMax, kCount, kBases };
  static constexpr uint32_t kIndexVersion = 1;
  static constexpr size_t kHeaderBytes = 64;
  static constexpr size_t kBytesPerName = 20;

  ProductNames(uint8_t* memory, size_t names_max, size_t arena_max)
      : memory_(memory), names_max_(names_max), arena_max_(arena_max) {}

  bool equals(uint32_t id, const uint8_t* name, size_t length) const {
    const size_t start = id == 0 ? 0 : ends()[id - 1];
    const size_t end = ends()[id];
    if (end != start + length || end > arena_max_) return false;
    const uint8_t* known = arena() + start;
    if (length < 8) return memcmp(known, name, length) == 0;
    // Word by word; the last word overlaps. A call of memcmp would cost as much as all the rest.
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
      if (word(known + at) != word(name + at)) return false;
    }
    return word(known + length - 8) == word(name + length - 8);
  }

  static uint64_t word(const uint8_t* at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
  }

  const uint32_t* header() const { return reinterpret_cast<const uint32_t*>(memory_); }
  uint32_t* column(size_t bytes_before_per_name) const {
    return reinterpret_cast<uint32_t*>(memory_ + kHeaderBytes +
                                       names_max_ * bytes_before_per_name);
  }
  const uint32_t* slots() const { return column(0); }
  const uint32_t* hashes() const { return column(8); }
  const uint32_t* ends() const { return column(12); }
  const uint8_t* arena() const { return memory_ + kHeaderBytes + names_max_ * kBytesPerName; }

  uint8_t* memory_;
  size_t names_max_;
  size_t arena_max_;
};

}  // namespace salesboard
