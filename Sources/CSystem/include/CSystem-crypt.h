#ifndef CSYSTEM_CRYPT_H
#define CSYSTEM_CRYPT_H

#include <stddef.h>

/// Whether crypt(3) makes `hash` of a password. Takes as long as the hash is made to: some milliseconds, for some kinds much more.
int cs_password_matches(const char *password, size_t count, const char *hash);

/// Whether a text is one that crypt(3) makes here.
int cs_is_password_hash(const char *hash);

#endif
