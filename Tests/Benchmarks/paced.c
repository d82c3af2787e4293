// Requests at a steady pace over keep-alive connections, whoever else is slow.
//
//   paced PORT HOST PATH RATE SECONDS CONNECTIONS
//
// Requests are due one after another, 1/RATE seconds apart, each on the next connection; one that is due before the answer to
// the last has come is sent after it. A latency counts from when the request was due to its last byte, so that a stall is
// seen by all who had to wait for it. Prints the latencies in microseconds, one a line; -1 is a request that failed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { patience = 10 }; // seconds after the last request was due

typedef struct {
    int fd, waiting, behind; // requests that are due and were not sent
    double due;
    size_t count, wanted; // bytes of the answer so far; of the whole, once its head is there
    char answer[16384];
} Connection;

static char request[1024];
static size_t request_length;
static int port, events;
static double period; // between two requests of one connection

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void dial(Connection *c) {
    int on = 1, fd = c->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("paced: connect");
        exit(1);
    }
    epoll_ctl(events, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
}

static void ask(Connection *c, double due) {
    if (c->waiting) {
        c->behind++;
        return;
    }
    c->waiting = 1, c->due = due, c->count = c->wanted = 0;
    // A failure is heard of by reading.
    (void)!send(c->fd, request, request_length, MSG_NOSIGNAL);
}

static void finish(Connection *c, int isGood) {
    printf("%d\n", isGood ? (int)((now() - c->due) * 1e6) : -1);
    c->waiting = 0;
    if (c->behind) {
        c->behind--;
        ask(c, c->due + period);
    }
}

static void hear(Connection *c) {
    ssize_t n = recv(c->fd, c->answer + c->count, sizeof c->answer - 1 - c->count, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        close(c->fd);
        dial(c);
        if (c->waiting) finish(c, 0);
        return;
    }
    c->answer[c->count += n] = 0;
    if (!c->wanted) {
        char *end = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "\r\ncontent-length:");
        if (end && length) c->wanted = end + 4 - c->answer + strtoul(length + 17, NULL, 10);
    }
    if (c->waiting && c->wanted && c->count >= c->wanted) finish(c, !strncmp(c->answer, "HTTP/1.1 200", 12));
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    port = atoi(argv[1]);
    double rate = atof(argv[4]), seconds = atof(argv[5]);
    int connections = atoi(argv[6]), clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    events = epoll_create1(0);
    period = connections / rate;
    request_length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[3], argv[2]);
    Connection *all = calloc(connections, sizeof *all);
    for (int i = 0; i < connections; i++) dial(&all[i]);
    long asked = 0, total = (long)(rate * seconds);
    double start = now() + 0.01;
    struct itimerspec first = {.it_interval.tv_nsec = (long)(1e9 / rate)};
    first.it_value.tv_sec = (time_t)start, first.it_value.tv_nsec = (long)((start - (time_t)start) * 1e9);
    prctl(PR_SET_TIMERSLACK, 1);
    timerfd_settime(clock, TFD_TIMER_ABSTIME, &first, NULL);
    epoll_ctl(events, EPOLL_CTL_ADD, clock, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
    for (;;) {
        struct epoll_event news[64];
        int count = epoll_wait(events, news, 64, 100), busy = 0;
        for (int i = 0; i < count; i++) {
            if (news[i].data.ptr) {
                hear(news[i].data.ptr);
                continue;
            }
            unsigned long ticks = 0;
            if (read(clock, &ticks, sizeof ticks) < 0) ticks = 0;
            for (; ticks > 0 && asked < total; ticks--, asked++) ask(&all[asked % connections], start + asked / rate);
        }
        for (int i = 0; i < connections; i++) busy += all[i].waiting;
        if (asked == total && !busy) return 0;
        if (now() > start + seconds + patience) return 1;
    }
}
