// Child processes, as far as only GNU has the calls.
#pragma once
#include <sys/types.h>

/// Starts `command` (found on PATH) with nothing open but standard input from /dev/null, standard output to `output`
/// and our standard error, and with no signal blocked. Answers 0 or an error number.
int csystem_spawn(const char *command, char *const arguments[], char *const environment[], int output, pid_t *child);
/// pipe2 with O_CLOEXEC: `ends` has room for two. Answers 0 or an error number.
int csystem_pipe(int *ends);
