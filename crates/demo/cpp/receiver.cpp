// Receives CTestData over TCP from one sender after the other, the way services do it: recv until
// sizeof bytes are there, then use the struct. Prints one line per record: a, b and c.
//
//   g++ -std=c++17 -O2 -o receiver receiver.cpp
//   ./receiver --port 23452 --connections 1
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ctestdata.h"

static const char *usage =
    "usage: receiver [options]\n"
    "  --port P          port on 127.0.0.1, 0 for a free one (default: 23452)\n"
    "  --connections N   end after N connections (default: never)\n"
    "  --echo            send each record back\n";

static void fail(const char *what) {
    std::perror(what);
    std::exit(1);
}

int main(int argc, char **argv) {
    int port = 23452;
    long connections = -1;
    bool echo = false;
    for (int i = 1; i < argc; i++) {
        std::string option = argv[i];
        if (option == "--echo") {
            echo = true;
        } else if (i + 1 < argc && option == "--port") {
            port = std::atoi(argv[++i]);
        } else if (i + 1 < argc && option == "--connections") {
            connections = std::atol(argv[++i]);
        } else {
            std::fputs(usage, stderr);
            return 2;
        }
    }

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) fail("socket");
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(static_cast<uint16_t>(port));
    if (bind(listener, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("bind");
    if (listen(listener, 16) < 0) fail("listen");
    socklen_t len = sizeof addr;
    if (getsockname(listener, reinterpret_cast<sockaddr *>(&addr), &len) < 0) fail("getsockname");
    std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));

    while (connections != 0) {
        int sock = accept(listener, nullptr, nullptr);
        if (sock < 0) fail("accept");
        long records = 0, dirty = 0;
        size_t have = 0;
        CTestData s;
        for (;;) {
            ssize_t got = recv(sock, reinterpret_cast<char *>(&s) + have, sizeof s - have, 0);
            if (got < 0) fail("recv");
            if (got == 0) break;
            have += static_cast<size_t>(got);
            if (have < sizeof s) continue;
            have = 0;
            records++;
            std::printf("%d %d %.*s\n", s.a, s.b, static_cast<int>(sizeof s.c), s.c);
            // The bytes between the members; a sender that leaves them as they were leaks memory.
            const char *bytes = reinterpret_cast<const char *>(&s);
            for (size_t k = 0; k < sizeof s; k++) {
                bool padding = (k > offsetof(CTestData, a) && k < offsetof(CTestData, b)) ||
                               k >= offsetof(CTestData, c) + sizeof s.c;
                if (padding && bytes[k] != 0) dirty++;
            }
            if (echo && send(sock, &s, sizeof s, 0) != static_cast<ssize_t>(sizeof s)) fail("send");
        }
        std::fflush(stdout);
        std::fprintf(stderr, "%ld records, %ld bytes of padding not zero, %zu stray bytes\n", records,
                     dirty, have);
        close(sock);
        if (connections > 0) connections--;
    }
    return 0;
}
