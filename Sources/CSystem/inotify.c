#include "CSystem.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

int csystem_watch_open(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int csystem_watch_folder(int watch, const char *path) {
    uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
    return inotify_add_watch(watch, path, events) < 0 ? -1 : 0;
}

int csystem_watch_wait(int watch, int cancel, int milliseconds) {
    struct pollfd descriptors[2] = {{.fd = watch, .events = POLLIN}, {.fd = cancel, .events = POLLIN}};
    int ready = poll(descriptors, 2, milliseconds);
    if (ready < 0) return errno == EINTR ? 1 : -1;
    if (descriptors[1].revents) return -1;
    if (ready == 0) return 0;
    char events[8192];
    while (read(watch, events, sizeof events) > 0) {
    }
    return 1;
}
