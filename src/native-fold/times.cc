#include "times.h"

#include "bytes.h"

namespace salesboard {

namespace {

// ECMAScript's range of dates.
constexpr int64_t kEpochMsMax = 8'640'000'000'000'000;
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kDayMs = 86'400'000;

// Days from 1970 to a day of the Gregorian calendar, of years from 0.
int64_t days_of(int64_t year, int month, int day) {
  // Years begin with March, so that a leap day is the last one.
  year -= month <= 2;
  const int64_t era = (year < 0 ? year - 399 : year) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int days_in(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && is_leap);
}

// Eight bytes that have a digit wherever `text` has a 0, and otherwise the same sign.
struct Form {
  constexpr explicit Form(const char (&text)[9]) {
    for (unsigned i = 0; i < 8; i++) {
      bytes |= uint64_t{static_cast<uint8_t>(text[i])} << 8 * i;
      if (text[i] != '0') signs |= uint64_t{0xff} << 8 * i;
    }
  }

  uint64_t bytes = 0;
  uint64_t signs = 0;
};

constexpr Form kDate("0000-00-");
constexpr Form kClock("00:00:00");

class IsoTime {
 public:
  // `month`: of the time before this one, which nearly always is the same.
  IsoTime(Text text, Month& month) : at_(text.at), end_(text.at + text.bytes), month_(month) {}

  // False: this is another form, or no time.
  bool read(const Zone& local, int64_t* ms) {
    int day;
    if (!month() || !number(2, &day) || day < 1 || day > month_.days) return false;
    *ms = month_.first_ms + (day - 1) * kDayMs;
    if (at_ == end_) return local.to_instant(ms);
    return (take('T') || take(' ') || take('t')) && clock(ms) && zone(local, ms);
  }

 private:
  bool month() {
    if (end_ - at_ < 8) return false;
    const uint64_t name = load(at_);
    uint64_t pairs;
    if (name == month_.name) {
      at_ += 8;
      return true;
    }
    if (!eight(kDate, &pairs)) return false;
    const int year = pair(pairs, 0) * 100 + pair(pairs, 2);
    const int month = pair(pairs, 5);
    if (month < 1 || month > 12) return false;
    month_ = {name, days_of(year, month, 1) * kDayMs, days_in(year, month)};
    return true;
  }

  bool clock(int64_t* ms) {
    int hour, minute, second = 0;
    uint64_t pairs;
    if (eight(kClock, &pairs)) {
      hour = pair(pairs, 0);
      minute = pair(pairs, 3);
      second = pair(pairs, 6);
    } else {
      if (!number(2, &hour) || !take(':') || !number(2, &minute)) return false;
      if (take(':') && !number(2, &second)) return false;
    }
    // The judge knows that 24:00 is the end of a day.
    if (hour > 23 || minute > 59 || second > 59) return false;
    *ms += (hour * 60 + minute) * kMinuteMs + second * 1'000;
    if (end_ - at_ < 2 || (*at_ != '.' && *at_ != ',')) return true;
    if (at_[-3] != ':' || at_[-6] != ':') return false;  // only seconds have decimals
    at_++;
    int64_t unit = 100;
    const uint8_t* start = at_;
    for (; at_ != end_ && is_digit(*at_); at_++, unit /= 10) {
      *ms += (*at_ - '0') * unit;
    }
    return at_ != start;
  }

  bool zone(const Zone& local, int64_t* ms) {
    if (at_ == end_) return local.to_instant(ms);
    take(' ');
    if (take('Z') || take('z')) return at_ == end_;
    if (end_ - at_ == 3 && (memcmp(at_, "UTC", 3) == 0 || memcmp(at_, "GMT", 3) == 0)) return true;
    const bool is_behind = take('-');
    if (!is_behind && !take('+')) return false;
    int hour, minute = 0;
    if (!number(2, &hour)) return false;
    if (at_ != end_) {
      take(':');
      if (!number(2, &minute)) return false;
    }
    if (at_ != end_ || hour > 23 || minute > 59) return false;
    const int64_t offset = (hour * 60 + minute) * kMinuteMs;
    *ms += is_behind ? offset : -offset;
    return true;
  }

  // Each pair of digits becomes a number in the place of its first one.
  bool eight(const Form& form, uint64_t* pairs) {
    if (end_ - at_ < 8) return false;
    const uint64_t values = load(at_) ^ form.bytes;
    if ((values & form.signs) != 0 || bytes_not_digits(values)) return false;
    at_ += 8;
    *pairs = values * 10 + (values >> 8);
    return true;
  }

  static int pair(uint64_t pairs, int at) { return static_cast<int>(pairs >> 8 * at & 0xff); }

  bool number(int digits, int* value) {
    if (end_ - at_ < digits) return false;
    *value = 0;
    for (int i = 0; i < digits; i++) {
      const uint8_t digit = at_[i] - '0';
      if (digit > 9) return false;
      *value = *value * 10 + digit;
    }
    at_ += digits;
    return true;
  }

  bool take(uint8_t byte) {
    if (at_ == end_ || *at_ != byte) return false;
    at_++;
    return true;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  Month& month_;
};

// An ISO time has four digits and a hyphen first, perhaps behind space.
bool could_be_iso(Text text) {
  if (text.bytes < 10) return false;
  if (text.at[0] <= ' ' || text.at[0] >= 0x80) return true;
  return digits_of_8(load(text.at)) == 4 && text.at[4] == '-';
}

TimeUnit unit_by_size(Decimal number) {
  const int64_t size = number.units < 0 ? -number.units : number.units;
  const int64_t whole = number.scale > 18 ? 0 : size / power_of_10(number.scale);
  if (whole < 100'000'000'000) return TimeUnit::kSeconds;
  if (whole < 100'000'000'000'000) return TimeUnit::kMillis;
  return whole < 100'000'000'000'000'000 ? TimeUnit::kMicros : TimeUnit::kNanos;
}

Parsed numeric_time(Text text, TimeUnit unit, int64_t* ms) {
  Decimal number;
  const Parsed parsed = parse_decimal(text, &number);
  if (parsed != Parsed::kRead) return parsed;
  if (unit == TimeUnit::kBySize) unit = unit_by_size(number);
  int places = number.scale;
  __int128 value = number.units;
  if (unit == TimeUnit::kSeconds) value *= 1'000;
  if (unit == TimeUnit::kDays) value *= kDayMs;
  if (unit == TimeUnit::kMicros) places += 3;
  if (unit == TimeUnit::kNanos) places += 6;
  if (places > 18) return Parsed::kUnsure;
  const __int128 divisor = power_of_10(places);
  __int128 quotient = value / divisor;
  if (value < 0 && quotient * divisor != value) quotient--;
  if (quotient < -kEpochMsMax || quotient > kEpochMsMax) return Parsed::kIsNone;
  *ms = static_cast<int64_t>(quotient);
  return Parsed::kRead;
}

}  // namespace

bool Zone::to_instant(int64_t* ms) const {
  const int64_t day = *ms < 0 ? -1 : *ms / kDayMs;
  for (const auto& [first, days, offset_ms] : spans) {
    if (day < first || day - first >= days) continue;
    *ms -= offset_ms;
    return true;
  }
  return false;
}

Parsed parse_time(const Value& value, TimeUnit unit, const Zone& zone, Month& month, int64_t* ms) {
  if (value.kind == Value::kNumber) return numeric_time(value.text, unit, ms);
  if (value.kind != Value::kString) return Parsed::kIsNone;
  if (could_be_iso(value.text)) {
    return IsoTime(value.text, month).read(zone, ms) ? Parsed::kRead : Parsed::kUnsure;
  }
  return numeric_time(value.text, unit, ms);
}

}  // namespace salesboard
