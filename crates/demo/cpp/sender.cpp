// Sends CTestData over TCP, the way services do it: send(sock, &s, sizeof s).
//
//   g++ -std=c++17 -O2 -o sender sender.cpp
//   ./sender 127.0.0.1 23452 --count 3
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ctestdata.h"

static const char *usage =
    "usage: sender HOST PORT [options]\n"
    "  --a CHAR, --b INT, --c TEXT   the first record (default: A, 300, hello)\n"
    "  --count N      records; b counts up (default: 1)\n"
    "  --vary         a runs through the alphabet, c is \"#\" and the record's number\n"
    "  --garbage      fill the padding with 0xEE instead of zero\n"
    "  --pace USEC    wait between sends (default: 0)\n"
    "  --bytewise     send one byte at a time\n"
    "  --split K      send each record in two parts, the first of K bytes\n"
    "  --split-all    as --split, K being 1, 2, ... sizeof - 1, 1, ...\n"
    "  --at-once      send all records with one call\n"
    "  --die-after K  send K bytes of one more record, then close\n";

static void fail(const char *what) {
    std::perror(what);
    std::exit(1);
}

static void send_all(int sock, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = send(sock, bytes, size, 0);
        if (sent < 0) fail("send");
        bytes += sent;
        size -= sent;
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        std::fputs(usage, stderr);
        return 2;
    }
    char a = 'A';
    int b = 300;
    std::string c = "hello";
    long count = 1;
    int pace = 0;
    size_t split = 0, die_after = 0;
    bool vary = false, garbage = false, bytewise = false, split_all = false, at_once = false;
    for (int i = 3; i < argc; i++) {
        std::string option = argv[i];
        if (option == "--vary") {
            vary = true;
        } else if (option == "--garbage") {
            garbage = true;
        } else if (option == "--bytewise") {
            bytewise = true;
        } else if (option == "--split-all") {
            split_all = true;
        } else if (option == "--at-once") {
            at_once = true;
        } else if (i + 1 < argc && option == "--a") {
            a = argv[++i][0];
        } else if (i + 1 < argc && option == "--b") {
            b = std::atoi(argv[++i]);
        } else if (i + 1 < argc && option == "--c") {
            c = argv[++i];
        } else if (i + 1 < argc && option == "--count") {
            count = std::atol(argv[++i]);
        } else if (i + 1 < argc && option == "--pace") {
            pace = std::atoi(argv[++i]);
        } else if (i + 1 < argc && option == "--split") {
            split = std::atol(argv[++i]);
        } else if (i + 1 < argc && option == "--die-after") {
            die_after = std::atol(argv[++i]);
        } else {
            std::fputs(usage, stderr);
            return 2;
        }
    }
    if (c.size() > sizeof CTestData::c || split >= sizeof(CTestData) ||
        die_after > sizeof(CTestData)) {
        std::fprintf(stderr, "sender: a record has %zu bytes, its text at most %zu\n",
                     sizeof(CTestData), sizeof CTestData::c);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock < 0) fail("socket");
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
    if (inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) {
        std::fprintf(stderr, "sender: %s is no IPv4 address\n", argv[1]);
        return 2;
    }
    if (connect(sock, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("connect");
    int on = 1;
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    // One record more than count, for --die-after.
    auto record = [&](long i) {
        CTestData s;
        std::memset(&s, garbage ? 0xEE : 0, sizeof s);
        s.a = vary ? static_cast<char>('A' + i % 26) : a;
        s.b = static_cast<int>(static_cast<unsigned>(b) + static_cast<unsigned>(i));
        std::string text = vary ? "#" + std::to_string(i) : c;
        // As strncpy does: the rest is zero, and 15 bytes have no terminator.
        std::memset(s.c, 0, sizeof s.c);
        std::memcpy(s.c, text.data(), std::min(text.size(), sizeof s.c));
        return s;
    };

    if (at_once) {
        std::vector<CTestData> records;
        for (long i = 0; i < count; i++) records.push_back(record(i));
        send_all(sock, reinterpret_cast<const char *>(records.data()), records.size() * sizeof(CTestData));
    } else {
        for (long i = 0; i < count; i++) {
            CTestData s = record(i);
            const char *bytes = reinterpret_cast<const char *>(&s);
            size_t first = split_all ? 1 + i % (sizeof s - 1) : split;
            if (bytewise) {
                for (size_t k = 0; k < sizeof s; k++) {
                    send_all(sock, bytes + k, 1);
                    if (pace) usleep(pace);
                }
            } else {
                if (first) {
                    send_all(sock, bytes, first);
                    if (pace) usleep(pace);
                }
                send_all(sock, bytes + first, sizeof s - first);
                if (pace) usleep(pace);
            }
        }
    }
    if (die_after) {
        CTestData s = record(count);
        send_all(sock, reinterpret_cast<const char *>(&s), die_after);
    }
    close(sock);
    return 0;
}
