// Child processes, as far as only GNU has the calls.
#pragma once
#include <sys/types.h>

/// Starts `command` (found on PATH) with nothing open but standard input from /dev/null, standard output to `output`
/// and our standard error, and with no signal blocked. Answers 0 or an error number.
int csystem_spawn(const char *command, char *const arguments[], char *const environment[], int output, pid_t *child);
/// pipe2 with O_CLOEXEC: `ends` has room for two. Answers 0 or an error number.
int csystem_pipe(int *ends);
/// Starts this program again, with what is open and not closed by exec, and with `keep` (a list of `count` descriptors that
/// exec would close); no signal is blocked. `apart` makes it the leader of a session of its own. Answers 0 or an error number.
int csystem_spawn_self(
    char *const arguments[], char *const environment[], const int *keep, int count, int apart, pid_t *child);
/// A pair of connected stream sockets, closed by exec. Answers 0 or an error number.
int csystem_socketpair(int *ends);
/// Hands a descriptor to the process at the other end of a socket. Answers 0 or an error number.
int csystem_send_descriptor(int socket, int descriptor);
/// Takes a descriptor that the other end has handed over, without waiting: non-blocking, closed by exec; -1 if there is none.
int csystem_receive_descriptor(int socket);
