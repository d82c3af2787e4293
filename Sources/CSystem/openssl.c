#include "CSystem.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>

// MARK: The socket under a session

// A bit of BIO flags that OpenSSL leaves alone.
enum { DRAINED = 0x40000000 };

static BIO_METHOD *socket_method;

static int descriptor(BIO *bio) { return (int)(intptr_t)BIO_get_data(bio); }

static int socket_read(BIO *bio, char *bytes, int count) {
    ssize_t got;
    do got = recv(descriptor(bio), bytes, (size_t)count, 0);
    while (got < 0 && errno == EINTR);
    BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY | DRAINED);
    // At the end of the stream there is no further event: only "would block" and a short read mean drained.
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    else if (got > 0 && got < count) BIO_set_flags(bio, DRAINED);
    else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_read(bio);
        BIO_set_flags(bio, DRAINED);
    }
    return (int)got;
}

static int socket_write(BIO *bio, const char *bytes, int count) {
    ssize_t sent;
    do sent = send(descriptor(bio), bytes, (size_t)count, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    BIO_clear_retry_flags(bio);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_write(bio);
    return (int)sent;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    case BIO_C_GET_FD:
        if (pointer) *(int *)pointer = descriptor(bio);
        return descriptor(bio);
    default: return 0;
    }
}

static void start(void) {
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    int type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR;
    BIO_METHOD *method = BIO_meth_new(type, "sluice socket");
    if (!method) return;
    BIO_meth_set_read(method, socket_read);
    BIO_meth_set_write(method, socket_write);
    BIO_meth_set_ctrl(method, socket_control);
    socket_method = method;
}

void csystem_ssl_start(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
}

bool csystem_ssl_attach(SSL *ssl, int fd) {
    csystem_ssl_start();
    BIO *bio = socket_method ? BIO_new(socket_method) : NULL;
    if (!bio) return false;
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return true;
}

bool csystem_ssl_is_drained(const SSL *ssl) { return BIO_test_flags(SSL_get_rbio(ssl), DRAINED) != 0; }

// MARK: Contexts

static const uint32_t common_modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN;

// Accepting the name makes OpenSSL keep it in the session, so that it is still known after a TLS 1.2 resumption.
static int accept_server_name(SSL *ssl, int *alert, void *argument) {
    (void)ssl, (void)alert, (void)argument;
    return SSL_TLSEXT_ERR_OK;
}

void csystem_ssl_ctx_set_server_modes(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ctx, common_modes);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_tlsext_servername_callback(ctx, accept_server_name);
}

bool csystem_ssl_ctx_set_groups(SSL_CTX *ctx, const char *groups) {
    return SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

void csystem_ssl_ctx_forbid_tickets(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
}

// Without tickets TLS 1.3 would send numbers of sessions that are kept nowhere.
void csystem_ssl_forbid_tickets(SSL *ssl) {
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 0);
}

void csystem_ssl_follow_client(SSL *ssl, bool follow) {
    if (follow) {
        SSL_clear_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
    } else {
        SSL_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
}

void csystem_ssl_ctx_follow_client(SSL_CTX *ctx, bool follow) {
    if (follow) {
        SSL_CTX_clear_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    } else {
        SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
}

bool csystem_ssl_ctx_set_versions(SSL_CTX *ctx, int oldest, int newest) {
    return SSL_CTX_set_min_proto_version(ctx, oldest) == 1 && SSL_CTX_set_max_proto_version(ctx, newest) == 1;
}

void csystem_ssl_ctx_set_client_modes(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, common_modes);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_read_ahead(ctx, 1);
}

bool csystem_write_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0;
}

bool csystem_ssl_set_versions(SSL *ssl, int oldest, int newest) {
    return SSL_set_min_proto_version(ssl, oldest) == 1 && SSL_set_max_proto_version(ssl, newest) == 1;
}

bool csystem_ssl_ctx_set_sigalgs(SSL_CTX *ctx, const char *list) {
    return SSL_CTX_set1_sigalgs_list(ctx, list) == 1;
}

bool csystem_ssl_ctx_set_client_sigalgs(SSL_CTX *ctx, const char *list) {
    return SSL_CTX_set1_client_sigalgs_list(ctx, list) == 1;
}

bool csystem_ssl_set_sigalgs(SSL *ssl, const char *list) { return SSL_set1_sigalgs_list(ssl, list) == 1; }

bool csystem_ssl_set_client_sigalgs(SSL *ssl, const char *list) {
    return SSL_set1_client_sigalgs_list(ssl, list) == 1;
}

bool csystem_ssl_set_groups(SSL *ssl, const char *groups) { return SSL_set1_groups_list(ssl, groups) == 1; }

bool csystem_ssl_set_verify_store(SSL *ssl, X509_STORE *store) {
    return SSL_set1_verify_cert_store(ssl, store) == 1;
}

void csystem_ssl_ctx_set_status_callback(SSL_CTX *ctx, int (*callback)(SSL *, void *)) {
    SSL_CTX_set_tlsext_status_cb(ctx, callback);
}

bool csystem_ssl_staple(SSL *ssl, const uint8_t *bytes, size_t count) {
    unsigned char *copy = OPENSSL_memdup(bytes, count);
    if (!copy) return false;
    // The session owns it from now on.
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)count);
    return true;
}

bool csystem_ssl_set_server_name(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name) == 1; }

bool csystem_ssl_ticket_init(EVP_CIPHER_CTX *cipher_ctx, EVP_MAC_CTX *mac_ctx, const EVP_CIPHER *cipher,
                             const uint8_t *secret, const uint8_t *iv, bool sealing) {
    OSSL_PARAM mac[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(secret + 32), 32),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_CipherInit_ex2(cipher_ctx, cipher, secret, iv, sealing, NULL) == 1 &&
           EVP_MAC_CTX_set_params(mac_ctx, mac) == 1;
}

EVP_PKEY *csystem_decode_private_key(const uint8_t *der, size_t count, const char *type) {
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder =
        OSSL_DECODER_CTX_new_for_pkey(&key, "DER", "PrivateKeyInfo", type, EVP_PKEY_KEYPAIR, NULL, NULL);
    if (decoder) OSSL_DECODER_from_data(decoder, &der, &count);
    OSSL_DECODER_CTX_free(decoder);
    return key;
}

EVP_PKEY *csystem_make_p256_key(void) { return EVP_EC_gen("P-256"); }
