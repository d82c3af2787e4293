// Child processes, as far as only GNU has the calls.
#pragma once
#include <signal.h>
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
/// Sends a byte that says what it is about, with a descriptor unless that is negative. Answers 0 or an error number.
int csystem_hand_over(int socket, char kind, int descriptor);
/// Takes what the other end has sent with `csystem_hand_over`, without waiting: 1 with the byte and the descriptor (closed by
/// exec; -1 if there was none), 0 if nothing is there, -1 if the other end has closed.
int csystem_take_over(int socket, char *kind, int *descriptor);
/// A descriptor that is readable while one of these signals waits, closed by exec; negative: none can be had.
int csystem_signal_descriptor(const sigset_t *signals);
/// An empty file that is in memory alone, of this user alone, and never a program; closed by exec. Negative: the error number.
int csystem_memory_file(const char *name);
/// Nobody can change a memory file any more. Answers 0 or an error number.
int csystem_seal(int file);
/// Whether that holds of a descriptor.
int csystem_is_sealed(int file);
/// This process is killed when the thread that has started it ends. Answers 0 or an error number.
int csystem_end_with_parent(void);
/// Other processes of this user can not look into this one, and its memory is in no core dump. Answers 0 or an error number.
int csystem_keep_private(void);
