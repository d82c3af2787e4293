// Listening sockets between processes, in the form that HAProxy's have them.
#pragma once

/// Sends copies of descriptors to a client that has asked `_getsocks`: their number, then up to 252 of them at a time, each time
/// waiting for the other end. The socket blocks from now on, for a second at most each time. Answers 0 or an error number.
int csystem_send_listeners(int socket, const int *descriptors, int count);
/// Asks the process behind a socket in the file system for its listening sockets. Answers how many there are now in `descriptors`,
/// which has room for `most` (closed by exec), or minus an error number.
int csystem_fetch_listeners(const char *path, int *descriptors, int most);
