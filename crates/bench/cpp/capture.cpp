// A capture of CTestData over TCP, as one would read it by hand: maps the file, puts the segments of each
// direction in order, and sums `b`. Prints the number of records and the sum.
//
// It knows what it reads: a little-endian pcap file of Ethernet, IPv4 and TCP with a SYN for each direction,
// and one field of one struct.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <unordered_map>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

struct CTestData {
    char a;
    int b;
    char c[15];
};

struct Stream {
    uint32_t next = 0;
    std::map<uint32_t, std::string> held;  // by distance from the first byte that is missing
    unsigned char part[sizeof(CTestData)];
    size_t filled = 0;
};

int64_t records, sum;

void record(const unsigned char *bytes) {
    CTestData data;
    memcpy(&data, bytes, sizeof data);
    records++;
    sum += data.b;
}

void deliver(Stream &stream, const unsigned char *bytes, size_t len) {
    stream.next += static_cast<uint32_t>(len);
    if (stream.filled > 0) {
        size_t lacking = sizeof(CTestData) - stream.filled;
        size_t now = len < lacking ? len : lacking;
        memcpy(stream.part + stream.filled, bytes, now);
        stream.filled += now;
        bytes += now;
        len -= now;
        if (stream.filled < sizeof(CTestData)) return;
        record(stream.part);
        stream.filled = 0;
    }
    for (; len >= sizeof(CTestData); bytes += sizeof(CTestData), len -= sizeof(CTestData)) record(bytes);
    memcpy(stream.part, bytes, len);
    stream.filled = len;
}

void segment(Stream &stream, uint32_t seq, const unsigned char *bytes, size_t len) {
    auto ahead = static_cast<int32_t>(seq - stream.next);
    if (ahead > 0) {
        stream.held.emplace(seq, std::string(reinterpret_cast<const char *>(bytes), len));
        return;
    }
    auto old = static_cast<size_t>(-static_cast<int64_t>(ahead));
    if (old >= len) return;
    deliver(stream, bytes + old, len - old);
    // Numbers that wrap are not in order in the map, so all are looked at.
    for (bool again = !stream.held.empty(); again;) {
        again = false;
        for (auto it = stream.held.begin(); it != stream.held.end(); ++it) {
            auto behind = static_cast<int32_t>(stream.next - it->first);
            if (behind < 0) continue;
            auto past = static_cast<size_t>(behind);
            if (past < it->second.size()) {
                deliver(stream, reinterpret_cast<const unsigned char *>(it->second.data()) + past,
                        it->second.size() - past);
            }
            stream.held.erase(it);
            again = !stream.held.empty();
            break;
        }
    }
}

uint32_t be32(const unsigned char *p) {
    uint32_t number;
    memcpy(&number, p, 4);
    return __builtin_bswap32(number);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    int fd = open(argv[1], O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) return 2;
    auto size = static_cast<size_t>(st.st_size);
    void *map = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED) return 2;
    auto *file = static_cast<const unsigned char *>(map);
    std::unordered_map<uint64_t, Stream> streams;
    for (size_t at = 24; at + 16 <= size;) {
        uint32_t captured;
        memcpy(&captured, file + at + 8, 4);
        if (at + 16 + captured > size || captured < 54) break;
        const unsigned char *ip = file + at + 16 + 14;
        at += 16 + captured;
        size_t total = static_cast<size_t>(ip[2]) << 8 | ip[3], head = (ip[0] & 15) * 4u;
        if (ip[9] != 6 || total < head + 20 || total + 14 > captured) continue;
        const unsigned char *tcp = ip + head;
        size_t offset = (tcp[12] >> 4) * 4u;
        uint64_t ends;
        memcpy(&ends, tcp, 4);
        ends = ends << 32 | (be32(ip + 12) ^ be32(ip + 16) << 1);
        Stream &stream = streams[ends];
        uint32_t seq = be32(tcp + 4);
        if (tcp[13] & 2) stream.next = ++seq;
        segment(stream, seq, tcp + offset, total - head - offset);
    }
    printf("%lld %lld\n", static_cast<long long>(records), static_cast<long long>(sum));
}
