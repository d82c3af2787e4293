// OpenSSL's macros and variadic functions as functions, and the socket under a TLS session.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssl_st;
struct ssl_ctx_st;
struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;
struct evp_pkey_st;

/// Starts OpenSSL without its exit handler, which would free its tables under workers that still run.
void csystem_ssl_start(void);

/// The options and modes of a server context that are spelled as macros: no renegotiation, no compression, server
/// preference, no session cache, released buffers, partial writes, read ahead.
void csystem_ssl_ctx_set_server_modes(struct ssl_ctx_st *ctx);
/// Restricts key exchange to these groups, best first; false if one is unknown.
bool csystem_ssl_ctx_set_groups(struct ssl_ctx_st *ctx, const char *groups);
/// No session is resumed by a ticket.
void csystem_ssl_ctx_forbid_tickets(struct ssl_ctx_st *ctx);
/// The same of one session.
void csystem_ssl_forbid_tickets(struct ssl_st *ssl);
/// Whether ciphers are chosen in the client's order, of sessions of servers.
void csystem_ssl_follow_client(struct ssl_st *ssl, bool follow);
void csystem_ssl_ctx_follow_client(struct ssl_ctx_st *ctx, bool follow);
/// The oldest and the newest version, by their numbers in the protocol.
bool csystem_ssl_ctx_set_versions(struct ssl_ctx_st *ctx, int oldest, int newest);

/// The same for connections we open; sessions are handed to the callback and kept nowhere else.
void csystem_ssl_ctx_set_client_modes(struct ssl_ctx_st *ctx);
/// Sends this name; false if it is too long.
bool csystem_ssl_set_server_name(struct ssl_st *ssl, const char *name);

/// The same for one session that has not begun.
bool csystem_ssl_set_versions(struct ssl_st *ssl, int oldest, int newest);
bool csystem_ssl_set_groups(struct ssl_st *ssl, const char *groups);
/// Algorithms of signatures, best first, that are offered or accepted; false if one is unknown.
bool csystem_ssl_ctx_set_sigalgs(struct ssl_ctx_st *ctx, const char *list);
bool csystem_ssl_set_sigalgs(struct ssl_st *ssl, const char *list);
/// The same of certificates that are asked of clients.
bool csystem_ssl_ctx_set_client_sigalgs(struct ssl_ctx_st *ctx, const char *list);
bool csystem_ssl_set_client_sigalgs(struct ssl_st *ssl, const char *list);

struct bio_st;
struct X509_name_st;
/// Writes a name as RFC 2253 has it, in ASCII without control characters; false if that can not be.
bool csystem_write_name(struct bio_st *bio, const struct X509_name_st *name);

struct x509_store_st;
/// The authorities that certificates of the peer are verified with; the store is shared.
bool csystem_ssl_set_verify_store(struct ssl_st *ssl, struct x509_store_st *store);

/// Has the callback asked for an OCSP response when a client wants one; it answers SSL_TLSEXT_ERR_OK or _NOACK.
void csystem_ssl_ctx_set_status_callback(struct ssl_ctx_st *ctx, int (*callback)(struct ssl_st *ssl, void *argument));
/// Answers with a copy of these bytes; false without memory.
bool csystem_ssl_staple(struct ssl_st *ssl, const uint8_t *bytes, size_t count);

/// Puts a session on a non-blocking socket it does not own; false without memory.
///
/// Unlike OpenSSL's own socket BIO it never raises SIGPIPE, and it knows whether the last recv emptied the socket.
bool csystem_ssl_attach(struct ssl_st *ssl, int fd);
/// Whether the last recv of the session got less than it asked for: the next byte comes with a new readable event.
bool csystem_ssl_is_drained(const struct ssl_st *ssl);

/// Prepares both contexts of a session ticket: AES-256-CBC with `secret[0..32]`, HMAC-SHA256 with `secret[32..64]`.
bool csystem_ssl_ticket_init(struct evp_cipher_ctx_st *cipher_ctx, struct evp_mac_ctx_st *mac_ctx,
                             const struct evp_cipher_st *cipher, const uint8_t *secret, const uint8_t *iv,
                             bool sealing);

/// Decodes a PKCS #8 key of a known type ("RSA", "EC", …), or NULL.
struct evp_pkey_st *csystem_decode_private_key(const uint8_t *der, size_t count, const char *type);
/// A new P-256 key, or NULL.
struct evp_pkey_st *csystem_make_p256_key(void);
