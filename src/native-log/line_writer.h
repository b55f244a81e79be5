// Lines for a file that may be slow, such as standard error with a reader that stalls: a thread of
// its own writes them, so that nobody else waits. No O_NONBLOCK: other processes share the pipe.
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
  // The one of this process; it is never destroyed, because its thread may be waiting at the end.
  static LineWriter& standard_error();

  explicit LineWriter(int file) : file_(file) {}

  // Any thread; never waits for the reader. False: dropped and counted, because `kBytesMax` wait.
  bool write(std::string_view line);

  // How many were dropped since the last call; 0 as long as there is no room for saying so.
  uint64_t take_dropped();

  // Waits until all is written, at most so long. False: there is something left.
  bool flush(std::chrono::milliseconds time);

 private:
  static constexpr size_t kBytesMax = 1 << 20;

  void run();
  void write_all(const std::string& lines);
  size_t waiting() const { return lines_.size() + writing_; }

  const int file_;
  std::mutex lock_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable written_;
  std::string lines_;
  // Bytes that the thread has taken and not written yet.
  size_t writing_ = 0;
  uint64_t dropped_ = 0;
  bool started_ = false;
};

}  // namespace salesboard
