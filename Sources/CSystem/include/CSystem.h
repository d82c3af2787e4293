// What Swift cannot see: GNU-only calls, variadic functions and macros, as tiny C functions.
#ifndef CSYSTEM_H
#define CSYSTEM_H
#include <stdint.h>
#include <stddef.h>
#include "CSystem-build.h"
#include "CSystem-bytes.h"
#include "CSystem-os.h"
#include "CSystem-openssl.h"
#include "CSystem-crypt.h"
#include "CSystem-curl.h"
#include "CSystem-handover.h"
#include "CSystem-inotify.h"
#include "CSystem-process.h"
#include "CSystem-resolver.h"
#endif
