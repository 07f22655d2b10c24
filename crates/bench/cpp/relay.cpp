// The C++ side of the relay benchmark: relays to be beaten, and the load that all relays are put
// under. A relay prints its port and ends when all its clients have left after at least one came.
//
//   relay hub CORE        forwards what one client sends, in whole messages, to all the others
//   relay echo CORE       sends back what it receives
//   relay load CORE PORT SUBSCRIBERS MESSAGES RATE [PID]
//                         publishes MESSAGES, flat out if RATE is 0 and else RATE per second;
//                         prints "deliveries N wall NS p50 NS p99 NS max NS cpu NS relay NS", where
//                         "cpu" is its own processor time and "relay" that of PID
//   relay stall CORE PORT SUBSCRIBERS BYTES
//                         flat out, with one subscriber more that never reads; prints
//                         "deliveries N wall NS" and waits for a line
//   relay idle CORE PORT COUNT
//                         sends a record on each of COUNT connections and gets it back; prints
//                         "connected N", waits for a line, does it again and prints "checked N"
//   relay exec CORE PROGRAM ARGUMENTS...
//                         becomes a program, pinned
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "peer.h"

struct Message {
    uint64_t sent_ns;
    uint32_t seq;
    char symbol[12];
    double price[5];
};
static_assert(sizeof(Message) == 64, "a cache line");

// The front of a message of which the rest has not come yet.
struct Begun {
    size_t size = 0;
    char bytes[sizeof(Message)];

    // Reads behind it; returns how much lies in `to` then, or what `recv` returned if that was no
    // data.
    ssize_t read(int sock, char *to, size_t room) const {
        std::memcpy(to, bytes, size);
        ssize_t got = recv(sock, to + size, room - size, MSG_DONTWAIT);
        return got > 0 ? got + ssize_t(size) : got;
    }

    // Keeps what is no whole message at the end of `have` bytes; returns where that begins.
    size_t keep(const char *from, size_t have) {
        size = have % sizeof(Message);
        std::memcpy(bytes, from + have - size, size);
        return have - size;
    }
};

alignas(Message) static char buffer[64 << 10];

// A client of a server.
struct Client {
    int sock;
    size_t index;               // Among the server's clients.
    size_t begin = 0, end = 0;  // Its part of the batch.
    Begun begun;
    std::vector<char> left;  // What its socket had no room for.
    size_t sent = 0;         // So many bytes of that are sent by now.
    bool room = false;  // In the socket, after there was none.
    bool gone = false;
};

// Reads from all sockets that are ready into one batch, and sends from there, with one call per
// client: for `hub`, the batch without the client's own part, which leaves two pieces at most.
// Copies only what a socket has no room for. Nothing bounds that, so a client that stops reading
// costs as much memory as there is traffic.
class Server {
public:
    explicit Server(bool hub) : hub(hub), poll(epoll_create1(0)) {
        listener = listen_on_loopback(SOMAXCONN);
        fcntl(listener, F_SETFL, O_NONBLOCK);
        watch(EPOLL_CTL_ADD, listener, EPOLLIN, nullptr);
    }

    void run() {
        epoll_event events[EVENTS];
        do {
            int ready = epoll_wait(poll, events, EVENTS, -1);
            if (ready < 0) fail("epoll_wait");
            for (int i = 0; i < ready; i++) {
                auto client = static_cast<Client *>(events[i].data.ptr);
                if (!client) {
                    accept_all();
                    continue;
                }
                active.push_back(client);
                if (events[i].events & EPOLLOUT) client->room = true;
                if (events[i].events & ~uint32_t(EPOLLOUT)) take(*client);
            }
            if (hub && size > 0) {
                for (auto &client : clients) give(*client);
            } else {
                for (Client *client : active) give(*client);
            }
            for (Client *client : active) client->begin = client->end = 0;
            active.clear();
            size = 0;
            for (Client *client : gone) remove(*client);
            gone.clear();
        } while (!clients.empty() || !came);
    }

private:
    static constexpr int EVENTS = 256;
    static constexpr size_t READ = 64 << 10;

    void watch(int operation, int sock, uint32_t events, Client *client) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = client;
        if (epoll_ctl(poll, operation, sock, &event) < 0) fail("epoll_ctl");
    }

    void accept_all() {
        for (;;) {
            int sock = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
            if (sock < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
            if (sock < 0) fail("accept");
            no_delay(sock);
            auto client = std::make_unique<Client>();
            client->sock = sock;
            client->index = clients.size();
            watch(EPOLL_CTL_ADD, sock, EPOLLIN, client.get());
            clients.push_back(std::move(client));
            came = true;
        }
    }

    void take(Client &from) {
        ssize_t have = from.begun.read(from.sock, batch + size, READ);
        if (have < 0 && errno == EAGAIN) return;
        if (have <= 0) return leave(from);
        from.begin = size;
        size += hub ? from.begun.keep(batch + size, size_t(have)) : size_t(have);
        from.end = size;
    }

    void give(Client &to) {
        if (to.gone) return;
        iovec pieces[2] = {{batch, to.begin}, {batch + to.end, size - to.end}};
        if (!hub) pieces[0] = {batch + to.begin, to.end - to.begin}, pieces[1] = {};
        size_t sent = 0;
        if (to.left.empty() && pieces[0].iov_len + pieces[1].iov_len > 0) {
            msghdr message{};
            message.msg_iov = pieces;
            message.msg_iovlen = 2;
            ssize_t took = sendmsg(to.sock, &message, MSG_NOSIGNAL);
            if (took < 0 && errno != EAGAIN) return leave(to);
            if (took > 0) sent = size_t(took);
        }
        bool waited = !to.left.empty();
        for (iovec piece : pieces) {
            size_t skip = std::min(sent, piece.iov_len);
            auto bytes = static_cast<char *>(piece.iov_base);
            to.left.insert(to.left.end(), bytes + skip, bytes + piece.iov_len);
            sent -= skip;
        }
        if (to.room) send_left(to);
        if (!to.gone && waited == to.left.empty()) {
            watch(EPOLL_CTL_MOD, to.sock, waited ? EPOLLIN : EPOLLIN | EPOLLOUT, &to);
        }
    }

    void send_left(Client &to) {
        to.room = false;
        size_t rest = to.left.size() - to.sent;
        ssize_t took = send(to.sock, to.left.data() + to.sent, rest, MSG_NOSIGNAL);
        if (took < 0 && errno != EAGAIN) return leave(to);
        if (took > 0) to.sent += size_t(took);
        if (to.sent >= to.left.size() / 2) {
            // No more is moved than was sent, so a byte is moved once on average.
            to.left.erase(to.left.begin(), to.left.begin() + ptrdiff_t(to.sent));
            to.sent = 0;
        }
    }

    // This round may still come across it.
    void leave(Client &client) {
        client.gone = true;
        close(client.sock);
        gone.push_back(&client);
    }

    void remove(Client &client) {
        size_t index = client.index;
        std::swap(clients[index], clients.back());
        clients[index]->index = index;
        clients.pop_back();
    }

    bool hub, came = false;
    int poll, listener;
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<Client *> active, gone;
    size_t size = 0;
    static inline char batch[EVENTS * READ];
};

static void limit_time() {
    std::signal(SIGALRM, [](int) {
        const char text[] = "relay: not done after 60 s\n";
        if (write(STDERR_FILENO, text, sizeof text - 1)) {}
        _exit(1);
    });
    alarm(60);
}

// Until whoever started this program has looked at the relay.
static void wait_for_line() {
    std::fflush(stdout);
    alarm(0);
    for (int c = 0; c != '\n' && c != EOF;) c = std::getchar();
    alarm(60);
}

[[noreturn]] __attribute__((format(printf, 1, 2))) static void give_up(const char *format, ...) {
    va_list args;
    va_start(args, format);
    std::vfprintf(stderr, format, args);
    std::fputc('\n', stderr);
    std::exit(1);
}

// A publisher and its subscribers, which check that they receive every message in order.
class Load {
public:
    // The latency of one message in `every` is measured: flat out, looking at each would cost.
    Load(int port, size_t subscribers, uint32_t messages, uint32_t every)
        : messages(messages), every(every), poll(epoll_create1(0)), begun(subscribers),
          next(subscribers), synced(subscribers), times(subscribers * (messages / every + 1)) {
        for (size_t i = 0; i < subscribers; i++) {
            socks.push_back(connect_to(port));
            add(i, EPOLLIN);
        }
        socks.push_back(connect_to(port));
        fcntl(socks.back(), F_SETFL, O_NONBLOCK);
        add(subscribers, EPOLLOUT | EPOLLET);
        settle();
    }

    // 64 KiB per write whenever the relay takes them, but never more than so far ahead of the
    // slowest subscriber: relays with bounded queues are to lose nothing, and what is on its way to
    // all subscribers together has to fit the kernel's memory for sockets.
    void flat_out() {
        std::vector<Message> block(BLOCK);
        const uint64_t ahead = std::max<uint64_t>(
            BLOCK, std::min<uint64_t>(4 << 20, (256 << 20) / next.size()) / sizeof(Message));
        uint64_t slowest = 0;
        size_t filled = 0, written = 0;
        for (uint32_t seq = 0; !done();) {
            if (written == filled && seq < messages) {
                uint32_t count = std::min(BLOCK, messages - seq);
                if (seq + count > slowest + ahead) {
                    slowest = *std::min_element(next.begin(), next.end());
                }
                if (seq + count <= slowest + ahead) {
                    uint64_t filled_at = now(CLOCK_MONOTONIC);
                    for (uint32_t i = 0; i < count; i++) block[i] = message(seq++, filled_at);
                    filled = count * sizeof(Message);
                    written = 0;
                }
            }
            size_t wrote = publish(block.data(), filled, written);
            written += wrote;
            // If nothing could be written, either room in the socket or a delivery ends the wait.
            turn(wrote > 0 ? 0 : -1);
        }
    }

    // Each message on its own. Its latency counts from when it was due, so that a relay that holds
    // up the publisher does not thereby shorten it. Polls without sleeping: what it takes to wake
    // this process is no part of the relay's latency.
    void paced(uint64_t rate) {
        const uint64_t start = now(CLOCK_MONOTONIC);
        Message current{};
        size_t written = 0;
        for (uint32_t seq = 0; !done();) {
            while (seq < messages && writable) {
                uint64_t due = start + seq * 1000000000ull / rate;
                if (now(CLOCK_MONOTONIC) < due) break;
                current = message(seq, due);
                written += publish(&current, sizeof current, written);
                if (written == sizeof current) {
                    written = 0;
                    seq++;
                }
            }
            turn(0);
        }
    }

    uint64_t deliveries() const { return delivered; }

    // Nanoseconds.
    std::vector<uint64_t> latencies() {
        times.resize(timed);
        std::sort(times.begin(), times.end());
        return std::move(times);
    }

private:
    static constexpr uint32_t BLOCK = sizeof buffer / sizeof(Message);
    // The number of messages that are not counted; `sent_ns` tells them apart.
    static constexpr uint32_t SYNC = UINT32_MAX;

    static Message message(uint32_t seq, uint64_t sent_ns) {
        double price = seq % 1000;
        return {sent_ns, seq, "CWIRE", {price, price + 1, price + 2, price + 3, price + 4}};
    }

    void add(size_t index, uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = index;
        if (epoll_ctl(poll, EPOLL_CTL_ADD, socks[index], &event) < 0) fail("epoll_ctl");
    }

    // A relay knows a connection only some time after `connect` returned. Publishes until every
    // subscriber has seen the last thing published, and so nothing else is on its way either.
    void settle() {
        uint64_t wait = 20'000'000;
        for (uint64_t sync = 1;; sync++, wait *= 2) {
            Message current = message(SYNC, sync);
            write_all(socks.back(), &current, sizeof current);
            for (uint64_t end = now(CLOCK_MONOTONIC) + wait; now(CLOCK_MONOTONIC) < end;) {
                turn(1);
                auto saw = [&](uint64_t last) { return last == sync; };
                if (std::all_of(synced.begin(), synced.end(), saw)) return;
            }
        }
    }

    bool done() {
        if (delivered < uint64_t(messages) * next.size()) return false;
        char byte;
        ssize_t got = recv(socks.back(), &byte, 1, MSG_DONTWAIT);
        if (got > 0) give_up("the publisher received something");
        return true;
    }

    // Writes what of `size` bytes is not `written` yet, as far as there is room; returns how much.
    size_t publish(const void *bytes, size_t size, size_t written) {
        if (written == size || !writable) return 0;
        auto rest = static_cast<const char *>(bytes) + written;
        ssize_t wrote = send(socks.back(), rest, size - written, MSG_NOSIGNAL);
        if (wrote < 0 && errno != EAGAIN) fail("publisher");
        writable = wrote >= 0;
        return writable ? size_t(wrote) : 0;
    }

    void turn(int timeout_ms) {
        epoll_event events[256];
        int ready = epoll_wait(poll, events, 256, timeout_ms);
        if (ready < 0) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u64 < next.size()) {
                receive(events[i].data.u64);
            } else if (events[i].events & (EPOLLERR | EPOLLHUP)) {
                give_up("the publisher lost its connection");
            } else {
                writable = true;
            }
        }
    }

    void receive(size_t index) {
        ssize_t have = begun[index].read(socks[index], buffer, sizeof buffer);
        if (have < 0 && errno == EAGAIN) return;
        if (have <= 0) {
            give_up("subscriber %zu lost its connection before message %u", index, next[index]);
        }
        uint64_t came = now(CLOCK_MONOTONIC);
        size_t whole = begun[index].keep(buffer, size_t(have));
        uint32_t expected = next[index];
        for (size_t at = 0; at < whole; at += sizeof(Message)) {
            Message current;
            std::memcpy(&current, buffer + at, sizeof current);
            if (current.seq == SYNC) {
                synced[index] = current.sent_ns;
                continue;
            }
            if (current.seq != expected) {
                give_up("subscriber %zu received message %u for %u", index, current.seq, expected);
            }
            if (expected % every == 0) times[timed++] = came - current.sent_ns;
            expected++;
        }
        delivered += expected - next[index];
        next[index] = expected;
    }

    uint32_t messages, every;
    int poll;
    std::vector<int> socks;  // The last is the publisher's.
    std::vector<Begun> begun;
    std::vector<uint32_t> next;    // What each subscriber receives next.
    std::vector<uint64_t> synced;  // The last SYNC that each saw.
    std::vector<uint64_t> times;   // Touched beforehand: page faults would be measured.
    size_t timed = 0;
    uint64_t delivered = 0;
    bool writable = true;
};

static void load(int port, size_t subscribers, uint32_t messages, uint64_t rate, pid_t pid) {
    Load load(port, subscribers, messages, rate == 0 ? 16 : 1);
    clockid_t relay_clock = CLOCK_PROCESS_CPUTIME_ID;
    if (pid != 0 && clock_getcpuclockid(pid, &relay_clock) != 0) give_up("no process %d", pid);
    uint64_t wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t relay = now(relay_clock);
    if (rate == 0) load.flat_out();
    else load.paced(rate);
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    relay = pid != 0 ? now(relay_clock) - relay : 0;
    std::vector<uint64_t> times = load.latencies();
    std::printf("deliveries %lu wall %lu p50 %lu p99 %lu max %lu cpu %lu relay %lu\n",
                load.deliveries(), wall, times[times.size() / 2], times[times.size() * 99 / 100],
                times.back(), cpu, relay);
}

static void stall(int port, size_t subscribers, uint64_t bytes) {
    // First in the queue of the listener, so the relay has it when it has the others.
    connect_to(port);
    Load load(port, subscribers, uint32_t(bytes / sizeof(Message)), 16);
    uint64_t wall = now(CLOCK_MONOTONIC);
    load.flat_out();
    std::printf("deliveries %lu wall %lu\n", load.deliveries(), now(CLOCK_MONOTONIC) - wall);
    wait_for_line();
}

static void exchange(const std::vector<int> &socks, size_t begin, size_t end, int round) {
    for (size_t i = begin; i < end; i++) {
        CTestData record{'A', int(i) + round, "hello"};
        write_all(socks[i], &record, sizeof record);
    }
    for (size_t i = begin; i < end; i++) {
        CTestData record;
        read_all(socks[i], &record, sizeof record);
        if (record.b != int(i) + round) give_up("connection %zu received another's record", i);
    }
}

static void idle(int port, size_t count) {
    // A relay may listen with a short queue, and a connection that does not fit waits a second.
    const size_t SOME = 100;
    std::vector<int> socks;
    while (socks.size() < count) {
        size_t begin = socks.size(), end = std::min(begin + SOME, count);
        while (socks.size() < end) socks.push_back(connect_to(port));
        exchange(socks, begin, end, 0);
    }
    std::printf("connected %zu\n", count);
    wait_for_line();
    for (size_t begin = 0; begin < count; begin += SOME) {
        exchange(socks, begin, std::min(begin + SOME, count), 1);
    }
    std::printf("checked %zu\n", count);
}

static void raise_file_limit() {
    rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    std::string role = argv[1];
    auto number = [&](int index) {
        return argc > index ? std::strtoul(argv[index], nullptr, 10) : 0;
    };
    pin(int(number(2)));
    if (role == "exec") {
        if (argc < 4) return 2;
        execvp(argv[3], argv + 3);
        fail(argv[3]);
    }
    raise_file_limit();
    if (role == "hub" || role == "echo") {
        Server(role == "hub").run();
        return 0;
    }
    limit_time();
    int port = int(number(3));
    size_t count = number(4), traffic = number(5);
    bool some = count > 0 && traffic > 0;
    if (role == "load" && some) load(port, count, uint32_t(traffic), number(6), pid_t(number(7)));
    else if (role == "stall" && some) stall(port, count, traffic);
    else if (role == "idle") idle(port, count);
    else return 2;
    return 0;
}
