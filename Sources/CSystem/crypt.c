#include "CSystem.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/// Looks at every byte, so that the time taken tells nothing.
static int is_same(const char *left, const char *right) {
    size_t count = strlen(left);
    unsigned char difference = 0;
    if (count != strlen(right)) return 0;
    for (size_t i = 0; i < count; i++) difference |= (unsigned char)(left[i] ^ right[i]);
    return difference == 0;
}

int cs_password_matches(const char *password, size_t count, const char *hash) {
    char text[CRYPT_MAX_PASSPHRASE_SIZE];
    struct crypt_data *data;
    int matches = 0;
    if (count >= sizeof text || memchr(password, 0, count)) return 0;
    // 32 KiB, too much for the stack of a worker.
    data = calloc(1, sizeof *data);
    if (!data) return 0;
    memcpy(text, password, count);
    text[count] = 0;
    const char *made = crypt_r(text, hash, data);
    // Failures are told by a text that is no hash.
    if (made && made[0] != '*') matches = is_same(made, hash);
    explicit_bzero(text, sizeof text);
    explicit_bzero(data, sizeof *data);
    free(data);
    return matches;
}

int cs_is_password_hash(const char *hash) {
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data) return 0;
    const char *made = crypt_r("", hash, data);
    int is_one = made && made[0] != '*' && strlen(made) == strlen(hash);
    free(data);
    return is_one;
}
