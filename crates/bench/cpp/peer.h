// What the C++ peers share.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

struct CTestData {
    char a;
    int b;
    char c[15];
};

[[noreturn]] inline void fail(const char *what) {
    std::perror(what);
    std::exit(1);
}

inline uint64_t now(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return uint64_t(t.tv_sec) * 1000000000 + uint64_t(t.tv_nsec);
}

inline void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

inline void no_delay(int sock) {
    int on = 1;
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// A listener on a free port, which is printed.
inline int listen_on_loopback(int backlog) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof addr;
    if (bind(listener, reinterpret_cast<sockaddr *>(&addr), len) < 0) fail("bind");
    if (listen(listener, backlog) < 0) fail("listen");
    getsockname(listener, reinterpret_cast<sockaddr *>(&addr), &len);
    std::printf("%d\n", ntohs(addr.sin_port));
    std::fflush(stdout);
    return listener;
}

inline int connect_to(int port) {
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(uint16_t(port));
    if (connect(sock, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("connect");
    no_delay(sock);
    return sock;
}

inline void write_all(int sock, const void *from, size_t size) {
    auto bytes = static_cast<const char *>(from);
    while (size > 0) {
        ssize_t wrote = write(sock, bytes, size);
        if (wrote < 0) fail("write");
        bytes += wrote;
        size -= size_t(wrote);
    }
}

inline void read_all(int sock, void *to, size_t size) {
    auto bytes = static_cast<char *>(to);
    while (size > 0) {
        ssize_t got = read(sock, bytes, size);
        if (got <= 0) fail("read");
        bytes += got;
        size -= size_t(got);
    }
}
