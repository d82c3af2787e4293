// Watching folders.
#pragma once
/// inotify_init1 with IN_CLOEXEC; -1 on failure.
int csystem_watch_open(void);
/// Watches a folder for entries that appear, change or go; 0 or -1.
int csystem_watch_folder(int watch, const char *path);
/// Waits up to `milliseconds` (-1: for ever) for an event or for `cancel` to become readable, and throws the events away.
/// 1: something happened, 0: time is up, -1: cancelled or failed.
int csystem_watch_wait(int watch, int cancel, int milliseconds);
