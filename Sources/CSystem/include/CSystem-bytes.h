#ifndef CSYSTEM_BYTES_H
#define CSYSTEM_BYTES_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Sixteen bytes are looked at together. Swift's own vectors compare element by element here (Swift 6.3: 40 times the
// instructions), and these must be inlined into their callers, so they stand in a header.

typedef uint8_t csystem_block __attribute__((vector_size(16)));

// The place of the first byte that is not zero, 16 if there is none. Its bytes are 0 or 255.
static inline long csystem_first(csystem_block marks) {
#if defined(__SSE2__)
    return __builtin_ctz((unsigned)_mm_movemask_epi8((__m128i)marks) | 0x10000u);
#else
    for (int i = 0; i < 16; i++) if (marks[i]) return i;
    return 16;
#endif
}

static inline csystem_block csystem_load(const uint8_t *at) {
    csystem_block block;
    memcpy(&block, at, sizeof block);
    return block;
}

static inline csystem_block csystem_is_alphanumeric(csystem_block block) {
    return (csystem_block)(((block | 0x20) - 'a' < 26) | (block - '0' < 10));
}

// How many of the 16 bytes from `at` are letters, digits or hyphens before the first that is not.
static inline long csystem_run_of_name(const uint8_t *at) {
    csystem_block block = csystem_load(at);
    return csystem_first(~(csystem_is_alphanumeric(block) | (csystem_block)(block == '-')));
}

static inline int csystem_is_host_block(csystem_block block) {
    csystem_block marks = (csystem_block)((block - '-' < 2) | (block == '_'));
    return csystem_first(~(csystem_is_alphanumeric(block) | marks)) == 16;
}

// Whether the `count` bytes from `at` are all letters, digits or `-._`. Reads only these: the last words overlap.
static inline int csystem_are_host_bytes(const uint8_t *at, long count) {
    if (count < 8) {
        // Bit by bit from two words of 64.
        for (long i = 0; i < count; i++) {
            uint64_t allowed = at[i] < 64 ? 0x03FF600000000000 : at[i] < 128 ? 0x07FFFFFE87FFFFFE : 0;
            if (!(allowed >> (at[i] & 63) & 1)) return 0;
        }
        return 1;
    }
    if (count < 16) {
        csystem_block block;
        memcpy(&block, at, 8);
        memcpy((uint8_t *)&block + 8, at + count - 8, 8);
        return csystem_is_host_block(block);
    }
    for (long i = 0; i + 16 < count; i += 16)
        if (!csystem_is_host_block(csystem_load(at + i))) return 0;
    return csystem_is_host_block(csystem_load(at + count - 16));
}

// Whether none of the `count` bytes from `at` is a percent sign or a slash in front of a slash or a dot. Reads up to 17 bytes behind them.
static inline int csystem_is_plain_path(const uint8_t *at, long count) {
    for (long i = 0; i < count; i += 16) {
        csystem_block here = csystem_load(at + i), next = csystem_load(at + i + 1);
        csystem_block doubled = (csystem_block)((here == '/') & ((next == '/') | (next == '.')));
        long first = csystem_first((csystem_block)(here == '%') | doubled);
        if (first < 16 && i + first < count) return 0;
    }
    return 1;
}

// How many of the 32 bytes from `at` are no controls (which a tab is) before the first that is.
static inline long csystem_run_of_value(const uint8_t *at) {
    csystem_block first = csystem_load(at), second = csystem_load(at + 16);
    first = (csystem_block)((first < 0x20) | (first == 0x7F));
    second = (csystem_block)((second < 0x20) | (second == 0x7F));
#if defined(__SSE2__)
    uint64_t marks = (unsigned)_mm_movemask_epi8((__m128i)first);
    marks |= (uint64_t)(unsigned)_mm_movemask_epi8((__m128i)second) << 16;
    return __builtin_ctzll(marks | 1ull << 32);
#else
    long run = csystem_first(first);
    return run < 16 ? run : 16 + csystem_first(second);
#endif
}

// The same for printable ASCII without space and `#`.
static inline long csystem_run_of_target(const uint8_t *at) {
    csystem_block block = csystem_load(at);
    return csystem_first((csystem_block)((block - 0x21 >= 0x5E) | (block == '#')));
}

#endif
