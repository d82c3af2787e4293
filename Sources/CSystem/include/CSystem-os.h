// epoll, eventfd, inotify, accept4 and friends.
#pragma once
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC.
int csystem_accept(int listener, struct sockaddr_storage *address);
/// Adds `fd` edge-triggered for in, out and rdhup with 64 bits of user data.
int csystem_epoll_add(int epoll, int fd, uint32_t events, uint64_t data);
/// epoll_ctl DEL.
int csystem_epoll_remove(int epoll, int fd);
/// Names the calling thread; 15 bytes are kept.
void csystem_name_thread(const char *name);
/// How many processors the calling thread may run on; 0 if the system does not say.
int csystem_allowed_processors(void);
/// recv without flags, as a bare system call: glibc's is a cancellation point, which costs each call 35 instructions, and
/// nobody cancels a worker.
ssize_t csystem_receive(int fd, void *buffer, size_t count);
/// The same with MSG_PEEK: what it reads stays unread.
ssize_t csystem_peek(int fd, void *buffer, size_t count);
/// send with MSG_NOSIGNAL, in the same way.
ssize_t csystem_send(int fd, const void *bytes, size_t count);
/// The same with MSG_MORE: the bytes may wait a little for those of the next call.
ssize_t csystem_send_more(int fd, const void *bytes, size_t count);
/// The width and height of a terminal in characters; 0, or -1 where it is none.
int csystem_terminal_size(int fd, int *columns, int *rows);
/// A pipe that blocks nobody, of `size` bytes if the system gives so many; -1 without one. SIGPIPE is blocked for the calling thread: splice
/// can not be told MSG_NOSIGNAL.
int csystem_splice_pipe(int ends[2], int size);
/// splice(2) without waiting; one of the two is a pipe.
ssize_t csystem_splice(int from, int to, size_t count);
/// How many bytes a socket would take now, about; -1 if the system does not say.
ssize_t csystem_room_to_send(int fd);
