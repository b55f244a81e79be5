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

// The most that one write takes. Small writes make room for new lines while a slow reader reads.
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
  // Signals belong to the runtime's threads. With SIGPIPE blocked, a write to a pipe without a
  // reader returns an error.
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

// Gives up lines that cannot be written, such as to a closed pipe or a full disk: there is no place
// to report that.
void LineWriter::write_all(const std::string& lines) {
  for (size_t at = 0; at < lines.size();) {
    const size_t bytes = std::min(lines.size() - at, kWriteBytesMax);
    const ssize_t count = ::write(file_, lines.data() + at, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {  // another process has set O_NONBLOCK on the pipe
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
