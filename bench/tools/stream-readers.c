/* Thousands of readers of Server-Sent Events in one thread, cheap enough to share a machine with
 * the server that they measure.
 *
 *   stream-readers PORT PATH
 *
 * Obeys lines on standard input and answers each with one line of JSON:
 *
 *   open N        opens N more readers, a few at a time
 *   stall N       opens N that read their first bytes and then nothing any more
 *   measure S     counts what arrives in the next S seconds
 *   reconnect     closes all readers and opens as many at the same instant
 *
 * The delay of a frame is known of those that carry the server's clock: messages named "hb", whose
 * data begins with {"t":MILLISECONDS. It ends when their bytes are read here. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READERS_MAX 25000
#define OPENING_MAX 64
/* An address has too few ports for readers that come back while their old ports still linger. */
#define ADDRESSES 8
#define LINE_BYTES_MAX 40
#define EVENTS_MAX 16384
#define REST_US 1000
#define DELAY_STEPS_PER_MS 10
#define DELAY_STEPS (60000 * DELAY_STEPS_PER_MS)

struct reader {
  int fd;
  int port;
  int stalled;
  /* It has had its first unnamed message: the snapshot. */
  int served;
  /* Of the message under way: its name is "hb"; it has a name. */
  int heartbeat, named;
  /* Of the line under way: its length, and how it begins. */
  uint32_t length;
  char line[LINE_BYTES_MAX + 1];
};

static struct reader readers[READERS_MAX];
static int total, opening, served, ended, refused, to_open;
static struct sockaddr_in server;
static char request[512];
static int poller;
static uint64_t messages, heartbeats, bytes, delays[DELAY_STEPS + 1];
static enum { IDLE, OPENING, STALLING, MEASURING } doing;
static double started_at, until;

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void connect_reader(struct reader *reader, int index) {
  const int stalled = reader->stalled;
  memset(reader, 0, sizeof *reader);
  reader->stalled = stalled;
  reader->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (reader->fd < 0) fail("socket");
  const int on = 1;
  setsockopt(reader->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index % ADDRESSES);
  if (bind(reader->fd, (struct sockaddr *)&from, sizeof from)) fail("bind");
  if (connect(reader->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
    fail("connect");
  socklen_t size = sizeof from;
  getsockname(reader->fd, (struct sockaddr *)&from, &size);
  reader->port = ntohs(from.sin_port);
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = reader};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, reader->fd, &event)) fail("epoll_ctl");
  opening++;
}

/* A reader that is not served any more: refused, or sent off. */
static void lose(struct reader *reader) {
  if (reader->served) served--, ended++;
  else opening--, refused++;
  close(reader->fd);
  reader->fd = -1;
}

static void end_message(struct reader *reader) {
  messages++;
  if (!reader->named && !reader->served) {
    reader->served = 1;
    served++;
    opening--;
  }
  reader->named = 0;
}

static void end_line(struct reader *reader, double time) {
  reader->line[reader->length < LINE_BYTES_MAX ? reader->length : LINE_BYTES_MAX] = 0;
  const char *line = reader->line;
  if (reader->length == 0) end_message(reader);
  /* A comment is not a message, though an empty line ends it too. */
  else if (line[0] == ':') reader->named = 1, messages--;
  else if (!strncmp(line, "event: ", 7)) {
    reader->named = 1;
    reader->heartbeat = !strcmp(line + 7, "hb");
  } else if (reader->heartbeat && !strncmp(line, "data: {\"t\":", 11)) {
    const double delay = time - strtod(line + 11, 0);
    const int64_t step = delay * DELAY_STEPS_PER_MS;
    delays[step < 0 ? 0 : step > DELAY_STEPS ? DELAY_STEPS : step]++;
    heartbeats++;
    reader->heartbeat = 0;
  } else if (!strncmp(line, "HTTP/1.1 ", 9) && strncmp(line + 9, "200", 3)) {
    lose(reader);
  }
  reader->length = 0;
}

/* Sizes of HTTP's chunks stand in lines that end with CR, so that none of them looks like ours. */
static void scan(struct reader *reader, const char *at, size_t left, double time) {
  while (left > 0 && reader->fd >= 0) {
    const char *newline = memchr(at, '\n', left);
    const size_t length = newline ? (size_t)(newline - at) : left;
    if (reader->length < LINE_BYTES_MAX) {
      const size_t room = LINE_BYTES_MAX - reader->length;
      memcpy(reader->line + reader->length, at, length < room ? length : room);
    }
    reader->length += length;
    if (newline) end_line(reader, time);
    const size_t taken = length + (newline != 0);
    at += taken, left -= taken;
  }
}

static void handle(struct reader *reader, uint32_t events) {
  static char buffer[256 * 1024];
  if (events & EPOLLOUT) {
    if (send(reader->fd, request, strlen(request), MSG_NOSIGNAL) < 0) return lose(reader);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = reader};
    epoll_ctl(poller, EPOLL_CTL_MOD, reader->fd, &event);
    return;
  }
  const ssize_t count = recv(reader->fd, buffer, sizeof buffer, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return lose(reader);
  bytes += count;
  scan(reader, buffer, count, now(CLOCK_REALTIME));
  if (reader->stalled && reader->served) epoll_ctl(poller, EPOLL_CTL_DEL, reader->fd, 0);
}

static double percentile(double share) {
  uint64_t before = 0;
  for (int step = 0; step <= DELAY_STEPS; step++) {
    before += delays[step];
    if (before > 0 && before >= share * heartbeats) return (double)step / DELAY_STEPS_PER_MS;
  }
  return 0;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec +
         usage.ru_stime.tv_usec / 1e6;
}

static void answer(void) {
  printf("{\"seconds\":%.3f,\"served\":%d,\"refused\":%d,\"ended\":%d,\"messages\":%lu,",
         (now(CLOCK_MONOTONIC) - started_at) / 1e3, served, refused, ended, messages);
  printf("\"bytes\":%lu,\"heartbeats\":%lu,\"cpuSeconds\":%.2f,", bytes, heartbeats,
         cpu_seconds());
  printf("\"delayMs\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f},\"stalledPorts\":[", percentile(0.5),
         percentile(0.99), percentile(1));
  for (int i = 0, first = 1; i < total; i++) {
    if (!readers[i].stalled || readers[i].fd < 0) continue;
    printf(first ? "%d" : ",%d", readers[i].port);
    first = 0;
  }
  printf("]}\n");
  fflush(stdout);
  doing = IDLE;
}

static void obey(void) {
  char command[64];
  int number = 0;
  if (!fgets(command, sizeof command, stdin)) exit(0);
  started_at = now(CLOCK_MONOTONIC);
  messages = heartbeats = bytes = ended = refused = 0;
  memset(delays, 0, sizeof delays);
  if (sscanf(command, "open %d", &number) == 1) doing = OPENING, to_open = number;
  else if (sscanf(command, "stall %d", &number) == 1) doing = STALLING, to_open = number;
  else if (sscanf(command, "measure %d", &number) == 1) {
    doing = MEASURING;
    until = started_at + number * 1e3;
  } else if (!strncmp(command, "reconnect", 9)) {
    doing = OPENING;
    served = opening = 0;
    for (int i = 0; i < total; i++) if (readers[i].fd >= 0) close(readers[i].fd);
    for (int i = 0; i < total; i++) connect_reader(&readers[i], i);
  } else exit(2);
}

static void proceed(void) {
  while ((doing == OPENING || doing == STALLING) && to_open > 0 && opening < OPENING_MAX) {
    if (total == READERS_MAX) exit(2);
    readers[total].stalled = doing == STALLING;
    connect_reader(&readers[total], total);
    total++, to_open--;
  }
  if ((doing == OPENING || doing == STALLING) && to_open == 0 && opening == 0) answer();
  if (doing == MEASURING && now(CLOCK_MONOTONIC) >= until) answer();
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  server.sin_family = AF_INET;
  server.sin_port = htons(atoi(argv[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  snprintf(request, sizeof request,
           "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAccept: text/event-stream\r\n"
           "Accept-Language: en\r\n\r\n",
           argv[2], argv[1]);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  /* A second command must not wait in a buffer where epoll cannot see it. */
  setvbuf(stdin, 0, _IONBF, 0);
  poller = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = 0};
  epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  for (;;) {
    static struct epoll_event events[EVENTS_MAX];
    /* Asleep elsewhere than in epoll_wait: each frame would wake this thread, at the expense of the
     * server that sends it, where real readers are on other machines. */
    usleep(REST_US);
    const int count = epoll_wait(poller, events, EVENTS_MAX, 0);
    int commanded = 0;
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr) handle(events[i].data.ptr, events[i].events);
      else commanded = 1;
    }
    /* Last: it may close what other events are about. */
    if (commanded) obey();
    proceed();
  }
}
