// The C++ side of the transport benchmark: a receiver, two senders, an echo server and a client
// that measures round trips. Each says on standard output what it measured.
//
//   net receive CORE                  prints its port, then "records N sum S cpu NS wall NS"
//   net send|send-each CORE PORT N    64 KiB per write, or one record per write
//   net echo CORE                     prints its port; epoll
//   net ping CORE PORT N              prints "p50 NS p99 NS"
#include <sys/epoll.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "peer.h"

static char buffer[64 << 10];

static int accept_one() {
    int sock = accept(listen_on_loopback(1), nullptr, nullptr);
    if (sock < 0) fail("accept");
    no_delay(sock);
    return sock;
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
            write_all(sock, &record, sizeof record);
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
        write_all(sock, &record, sizeof record);
        read_all(sock, &back, sizeof back);
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
