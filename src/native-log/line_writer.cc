#include "line_writer.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace salesboard {

namespace {

// A write returns after so much: progress is known, and room made, as a slow reader takes it.
constexpr size_t kWriteBytesMax = 32 * 1024;
constexpr int kPollMs = 1000;

}  // namespace

LineWriter& LineWriter::standard_error() {
  static auto* const writer = new LineWriter(STDERR_FILENO);
  return *writer;
}

bool LineWriter::write(std::string_view line) {
  const std::lock_guard<std::mutex> lock(lock_);
  if (waiting() + line.size() > kBytesMax) {
    dropped_++;
    return false;
  }
  lines_ += line;
  if (!std::exchange(started_, true)) std::thread([this] { run(); }).detach();
  wake_.notify_one();
  return true;
}

uint64_t LineWriter::take_dropped() {
  const std::lock_guard<std::mutex> lock(lock_);
  return waiting() > kBytesMax / 2 ? 0 : std::exchange(dropped_, 0);
}

bool LineWriter::flush(std::chrono::milliseconds time) {
  std::unique_lock<std::mutex> lock(lock_);
  return written_.wait_for(lock, time, [this] { return waiting() == 0; });
}

void LineWriter::run() {
  // Signals are for the runtime's threads; and a pipe without a reader is an error, no SIGPIPE.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::string lines;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(lock_);
      wake_.wait(lock, [this] { return !lines_.empty(); });
      lines.clear();
      lines.swap(lines_);
      writing_ = lines.size();
    }
    write_all(lines);
    const std::lock_guard<std::mutex> lock(lock_);
    writing_ = 0;
    written_.notify_all();
  }
}

// What cannot be written, to a closed pipe or a full disk, is given up: there is nowhere to say so.
void LineWriter::write_all(const std::string& lines) {
  for (size_t at = 0; at < lines.size();) {
    const size_t bytes = std::min(lines.size() - at, kWriteBytesMax);
    const ssize_t count = ::write(file_, lines.data() + at, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {  // another process has made the pipe so
      pollfd ready{file_, POLLOUT, 0};
      poll(&ready, 1, kPollMs);
      continue;
    }
    if (count < 0) return;
    at += static_cast<size_t>(count);
    const std::lock_guard<std::mutex> lock(lock_);
    writing_ = lines.size() - at;
  }
}

}  // namespace salesboard
