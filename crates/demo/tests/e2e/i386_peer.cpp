// A 32-bit peer: long has 4 bytes and double is aligned to 4, so this struct has 36 bytes here and
// 48 on x86-64.
//
//   g++ -std=c++17 -O2 -m32 -o i386_peer i386_peer.cpp
//   i386_peer send PORT COUNT | i386_peer receive
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

struct Legacy {
    char a;
    long l;
    double d;
    short n[3];
    bool ok;
    unsigned long u;
    long long q;
};
static_assert(sizeof(long) == 4, "compile with -m32");

static void fail(const char *what) {
    std::perror(what);
    std::exit(1);
}

int main(int argc, char **argv) {
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock < 0) fail("socket");

    if (argc == 4 && std::strcmp(argv[1], "send") == 0) {
        addr.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
        if (connect(sock, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("connect");
        for (int i = 0; i < std::atoi(argv[3]); i++) {
            Legacy s;
            std::memset(&s, 0xEE, sizeof s);
            s.a = static_cast<char>('a' + i % 26);
            s.l = -1000000L * i;
            s.d = i / 8.0;
            for (int k = 0; k < 3; k++) s.n[k] = static_cast<short>(i - k);
            s.ok = i % 3 == 0;
            s.u = 4294967295UL - static_cast<unsigned long>(i);
            s.q = 5000000000LL * i;
            if (send(sock, &s, sizeof s, 0) != static_cast<ssize_t>(sizeof s)) fail("send");
        }
        close(sock);
        return 0;
    }

    if (bind(sock, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("bind");
    if (listen(sock, 1) < 0) fail("listen");
    socklen_t len = sizeof addr;
    if (getsockname(sock, reinterpret_cast<sockaddr *>(&addr), &len) < 0) fail("getsockname");
    std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    int peer = accept(sock, nullptr, nullptr);
    if (peer < 0) fail("accept");
    Legacy s;
    while (recv(peer, &s, sizeof s, MSG_WAITALL) == static_cast<ssize_t>(sizeof s)) {
        std::printf("%c %ld %.3f %d %d %d %d %lu %lld\n", s.a, s.l, s.d, s.n[0], s.n[1], s.n[2], s.ok,
                    s.u, s.q);
    }
    close(peer);
    return 0;
}
