// The C++ side of the transport benchmark: a receiver, two senders, an echo server and a client
// that measures round trips. Each says on standard output what it measured.
//
//   net receive CORE                  prints its port, then "records N sum S cpu NS wall NS"
//   net send|send-each CORE PORT N    64 KiB per write, or one record per write
//   net echo CORE                     prints its port; epoll
//   net ping CORE PORT N              prints "p50 NS p99 NS"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

struct CTestData {
    char a;
    int b;
    char c[15];
};

static char buffer[64 << 10];

static void fail(const char *what) {
    std::perror(what);
    std::exit(1);
}

static uint64_t now(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return uint64_t(t.tv_sec) * 1000000000 + uint64_t(t.tv_nsec);
}

static void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static int accept_one() {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof addr;
    if (bind(listener, reinterpret_cast<sockaddr *>(&addr), len) < 0) fail("bind");
    if (listen(listener, 1) < 0) fail("listen");
    getsockname(listener, reinterpret_cast<sockaddr *>(&addr), &len);
    std::printf("%d\n", ntohs(addr.sin_port));
    std::fflush(stdout);
    int sock = accept(listener, nullptr, nullptr);
    if (sock < 0) fail("accept");
    int on = 1;
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return sock;
}

static int connect_to(int port) {
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(uint16_t(port));
    if (connect(sock, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0) fail("connect");
    int on = 1;
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return sock;
}

static void write_all(int sock, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t wrote = write(sock, bytes, size);
        if (wrote < 0) fail("write");
        bytes += wrote;
        size -= size_t(wrote);
    }
}

static void report(uint64_t records, int64_t sum, uint64_t wall, uint64_t cpu) {
    std::printf("records %lu sum %ld cpu %lu wall %lu\n", records, sum,
                now(CLOCK_PROCESS_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall);
}

static void receive() {
    int sock = accept_one();
    uint64_t wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), records = 0;
    int64_t sum = 0;
    size_t have = 0;
    for (;;) {
        ssize_t got = read(sock, buffer + have, sizeof buffer - have);
        if (got < 0) fail("read");
        if (got == 0) break;
        have += size_t(got);
        size_t used = 0;
        for (; have - used >= sizeof(CTestData); used += sizeof(CTestData)) {
            CTestData record;
            std::memcpy(&record, buffer + used, sizeof record);
            sum += record.b;
            records++;
        }
        std::memmove(buffer, buffer + used, have - used);
        have -= used;
    }
    report(records, sum, wall, cpu);
}

static void send_records(int port, uint64_t count, bool each) {
    int sock = connect_to(port);
    uint64_t wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    int64_t sum = 0;
    size_t used = 0;
    CTestData record{};
    record.a = 'A';
    std::strcpy(record.c, "hello");
    for (uint64_t i = 0; i < count; i++) {
        record.b = int(i);
        sum += record.b;
        if (each) {
            write_all(sock, reinterpret_cast<const char *>(&record), sizeof record);
            continue;
        }
        if (used + sizeof record > sizeof buffer) {
            write_all(sock, buffer, used);
            used = 0;
        }
        std::memcpy(buffer + used, &record, sizeof record);
        used += sizeof record;
    }
    write_all(sock, buffer, used);
    shutdown(sock, SHUT_WR);
    report(count, sum, wall, cpu);
}

static void echo() {
    int sock = accept_one();
    int poll = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(poll, EPOLL_CTL_ADD, sock, &event);
    for (;;) {
        if (epoll_wait(poll, &event, 1, -1) < 0) fail("epoll_wait");
        ssize_t got = read(sock, buffer, sizeof buffer);
        if (got <= 0) break;
        write_all(sock, buffer, size_t(got));
    }
}

static void ping(int port, uint64_t count) {
    int sock = connect_to(port);
    std::vector<uint64_t> times;
    CTestData record{}, back;
    for (uint64_t i = 0; i < count; i++) {
        record.b = int(i);
        uint64_t start = now(CLOCK_MONOTONIC);
        write_all(sock, reinterpret_cast<const char *>(&record), sizeof record);
        for (size_t have = 0; have < sizeof back;) {
            ssize_t got = read(sock, reinterpret_cast<char *>(&back) + have, sizeof back - have);
            if (got <= 0) fail("read");
            have += size_t(got);
        }
        times.push_back(now(CLOCK_MONOTONIC) - start);
        if (back.b != record.b) std::exit(1);
    }
    std::sort(times.begin(), times.end());
    std::printf("p50 %lu p99 %lu\n", times[times.size() / 2], times[times.size() * 99 / 100]);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    std::string role = argv[1];
    pin(std::atoi(argv[2]));
    int port = argc > 3 ? std::atoi(argv[3]) : 0;
    uint64_t count = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0;
    if (role == "receive") receive();
    else if (role == "send") send_records(port, count, false);
    else if (role == "send-each") send_records(port, count, true);
    else if (role == "echo") echo();
    else if (role == "ping") ping(port, count);
    else return 2;
    return 0;
}
