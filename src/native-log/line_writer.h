// Writes lines to a file that may be slow, such as standard error with a reader that stalls. A
// thread of its own writes, so that no other thread waits. The file stays blocking, because other
// processes share the pipe and would meet O_NONBLOCK too.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace salesboard {

class LineWriter {
 public:
  // The only instance of the process. Never destroyed, because its thread may be writing at exit.
  static LineWriter& standard_error();

  explicit LineWriter(int file) : file_(file) {}

  // Any thread may call it; never waits for the reader. False = the line is dropped and counted,
  // because it would make more than `kBytesMax` wait.
  bool write(std::string_view line);

  // The lines dropped since the last call. Returns 0 until there is room for a line that says so.
  uint64_t take_dropped();

  // Waits until all lines are written, at most `time`. False = lines are left.
  bool flush(std::chrono::milliseconds time);

 private:
  static constexpr size_t kBytesMax = 1 << 20;

  void run();
  void write_all(const std::string& lines);
  size_t waiting() const { return lines_.size() + writing_; }

  const int file_;
  std::mutex lock_;  // guards all members below
  std::condition_variable wake_;
  std::condition_variable written_;
  std::string lines_;
  // Bytes that the thread has taken but not written yet.
  size_t writing_ = 0;
  uint64_t dropped_ = 0;
  bool started_ = false;
};

}  // namespace salesboard
