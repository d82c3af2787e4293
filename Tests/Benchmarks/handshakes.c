// TLS connections as fast as a few threads can open them: handshake, one GET, close.
//
//   handshakes PORT SERVERNAME SECONDS THREADS full|resumed
//
// Prints one line of JSON: connections that were answered, how many of them resumed a session, and failures. In
// `resumed` mode each thread offers the newest ticket it was given; its first connection is a full handshake.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int port, resume;
static const char *server_name;
static double deadline;

typedef struct {
    pthread_t thread;
    SSL_CTX *context;
    SSL_SESSION *ticket;
    long connections, resumed, failed;
} Client;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int keep_ticket(SSL *ssl, SSL_SESSION *session) {
    Client *client = SSL_get_app_data(ssl);
    if (client->ticket) SSL_SESSION_free(client->ticket);
    client->ticket = session;
    return 1; // we own the reference
}

static int connect_to_proxy(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

static int exchange(Client *client, SSL *ssl) {
    char text[4096];
    int length = snprintf(text, sizeof text, "GET /small HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", server_name);
    if (SSL_connect(ssl) != 1 || SSL_write(ssl, text, length) != length) return 0;
    int n = SSL_read(ssl, text, sizeof text);
    int answered = n > 12 && memcmp(text + 9, "200", 3) == 0;
    while (n > 0) n = SSL_read(ssl, text, sizeof text);
    client->resumed += answered && SSL_session_reused(ssl);
    SSL_shutdown(ssl);
    return answered;
}

static void *work(void *argument) {
    Client *client = argument;
    while (now() < deadline) {
        int fd = connect_to_proxy();
        if (fd < 0) { client->failed++; usleep(1000); continue; }
        SSL *ssl = SSL_new(client->context);
        SSL_set_app_data(ssl, client);
        SSL_set_fd(ssl, fd);
        SSL_set_tlsext_host_name(ssl, server_name);
        if (resume && client->ticket) SSL_set_session(ssl, client->ticket);
        if (exchange(client, ssl)) client->connections++;
        else client->failed++;
        SSL_free(ssl);
        close(fd);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    signal(SIGPIPE, SIG_IGN);
    port = atoi(argv[1]), server_name = argv[2], resume = strcmp(argv[5], "resumed") == 0;
    int threads = atoi(argv[4]);
    deadline = now() + atof(argv[3]);
    Client *clients = calloc(threads, sizeof *clients);
    for (int i = 0; i < threads; i++) {
        SSL_CTX *context = clients[i].context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
        if (resume) SSL_CTX_sess_set_new_cb(context, keep_ticket);
        pthread_create(&clients[i].thread, NULL, work, &clients[i]);
    }
    long connections = 0, resumed = 0, failed = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(clients[i].thread, NULL);
        connections += clients[i].connections, resumed += clients[i].resumed, failed += clients[i].failed;
    }
    printf("{\"connections\": %ld, \"resumed\": %ld, \"failed\": %ld}\n", connections, resumed, failed);
    return 0;
}
