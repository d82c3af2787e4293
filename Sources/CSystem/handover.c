#include "CSystem-handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

// As many as HAProxy sends and takes at a time.
enum { batch = 252 };
// What HAProxy says of each: the lengths of the names of a namespace and of an interface, the names, and 32 bits that are 0. Ours have
// neither name; others' may be as long as a path and 16 bytes.
enum { ours = 6, longest = 1 + 255 + 1 + 255 + 4 };

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int) * batch)];
};

static void bound(int socket) {
    struct timeval second = {.tv_sec = 1, .tv_usec = 0};
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK);
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
}

static int send_batch(int socket, const int *descriptors, int count) {
    char text[batch * ours];
    memset(text, 0, sizeof text);
    struct iovec data = {.iov_base = text, .iov_len = (size_t)count * ours};
    union control control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room};
    message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    if (sendmsg(socket, &message, MSG_NOSIGNAL) != (ssize_t)data.iov_len) return errno ? errno : EPIPE;
    int heard;
    ssize_t length;
    do length = recv(socket, &heard, sizeof heard, 0);
    while (length < 0 && errno == EINTR);
    return length > 0 ? 0 : length == 0 ? EPIPE : errno;
}

int csystem_send_listeners(int socket, const int *descriptors, int count) {
    bound(socket);
    if (count <= 0) return 0;
    if (send(socket, &count, sizeof count, MSG_NOSIGNAL) != sizeof count) return errno ? errno : EPIPE;
    for (int sent = 0; sent < count; sent += batch) {
        int rest = count - sent;
        int error = send_batch(socket, descriptors + sent, rest < batch ? rest : batch);
        if (error) return error;
    }
    return 0;
}

// Takes what one message brings; how many descriptors, or minus an error number.
static int receive_batch(int socket, int *descriptors, int room) {
    char text[batch * longest];
    struct iovec data = {.iov_base = text, .iov_len = sizeof text};
    union control control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t length;
    do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    if (length <= 0) return length == 0 ? -EPIPE : -errno;
    int got = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < count; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + sizeof(int) * (size_t)i, sizeof descriptor);
            if (got < room) descriptors[got++] = descriptor;
            else close(descriptor);
        }
    }
    // The other end may wait for it, or has said all it has and gone.
    ssize_t told = send(socket, &got, sizeof got, MSG_NOSIGNAL);
    (void)told;
    return got;
}

static int receive_all(int socket, int *descriptors, int most) {
    int count = 0, got = 0;
    ssize_t length = recv(socket, &count, sizeof count, MSG_WAITALL);
    if (length == 0) return 0;
    if (length != sizeof count) return length < 0 ? -errno : -EPROTO;
    if (count < 0 || count > most) return -EPROTO;
    while (got < count) {
        int more = receive_batch(socket, descriptors + got, count - got);
        if (more <= 0) {
            while (got > 0) close(descriptors[--got]);
            return more < 0 ? more : -EPROTO;
        }
        got += more;
    }
    return got;
}

int csystem_fetch_listeners(const char *path, int *descriptors, int most) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client < 0) return -errno;
    bound(client);
    static const char question[] = "_getsocks\n";
    const ssize_t length = sizeof question - 1;
    int result;
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) result = -errno;
    else if (send(client, question, (size_t)length, MSG_NOSIGNAL) != length) result = errno ? -errno : -EPIPE;
    else result = receive_all(client, descriptors, most);
    close(client);
    return result;
}
