// Writes the seed corpus: bytes as a C++ program puts them on the wire.
//
//   g++ -std=c++17 -O2 -o seeds seeds.cpp && ./seeds corpus
//   g++ -std=c++17 -O2 -m32 -o seeds32 seeds.cpp && ./seeds32 corpus
//
// Each target's input begins with a few bytes that choose what is done (see the fuzz bodies in
// crates/codec: `typed_fuzz` and `frame::fuzz`); what follows is raw memory of the structs below,
// with whatever the padding holds.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <filesystem>
#include <fstream>
#include <string>

struct CTestData { char a; int b; char c[15]; };

enum Kind { Negative = -1, Zero = 0, Large = 0x1234 };
enum class Tag : uint8_t { A = 1, B = 255 };

struct Nested {
    char letter;
    double ratio;
    int8_t low : 3;
    uint16_t : 0;
    bool flag : 1;
    uint16_t tail : 15;
};

#pragma pack(push, 2)
struct Packed {
    Kind kind;
    uint8_t byte;
    int64_t wide : 60;
    uint32_t narrow : 30;
    Kind wrapped : 5;
};
#pragma pack(pop)

// The fuzz body reads this one in big-endian order; the sizes are what counts here.
struct Swapped {
    uint8_t nibble : 4;
    uint64_t nine_bytes : 64;
    long number;
    wchar_t wchars[2];
} __attribute__((packed));

struct Int128 { int64_t high; uint64_t low; };

struct Everything {
    bool strict;
    bool loose;
    Tag tag;
    Tag open_tag;
    float single;
    size_t size;
    unsigned long number;
    void *pointer;
    char text[5];
    int16_t grid[3][2];
    Nested nested[2];
    Packed packed;
    Swapped swapped;
    alignas(16) uint32_t aligned;
    Int128 big;
};

// What a service's stack leaves in the padding.
template <typename T> void dirty(T &record) { std::memset(&record, 0xa5, sizeof record); }

static std::string raw(const void *data, size_t size) {
    return std::string(static_cast<const char *>(data), size);
}

static void seed(const std::string &root, const std::string &target, const std::string &name,
                 const std::string &bytes) {
    std::filesystem::create_directories(root + "/" + target);
    std::ofstream(root + "/" + target + "/" + name, std::ios::binary) << bytes;
}

int main(int argc, char **argv) {
    const std::string root = argc > 1 ? argv[1] : "corpus";
    const std::string abi = sizeof(void *) == 8 ? "x86_64" : "i686";
    const char selector = sizeof(void *) == 8 ? 0 : 1;

    Everything all;
    dirty(all);
    all.strict = true;
    all.loose = false;
    all.tag = Tag::B;
    all.open_tag = Tag::A;
    all.single = 1.5f;
    all.size = 42;
    all.number = 7;
    all.pointer = nullptr;
    std::memcpy(all.text, "hello", 5);
    for (auto &row : all.grid) for (auto &cell : row) cell = -3;
    for (auto &nested : all.nested) {
        nested.letter = 'N';
        nested.ratio = 0.25;
        nested.low = -2;
        nested.flag = true;
        nested.tail = 0x7abc;
    }
    all.packed.kind = Large;
    all.packed.byte = 9;
    all.packed.wide = -(int64_t(1) << 58);
    all.packed.narrow = 0x3fffffff;
    all.packed.wrapped = Negative;
    all.swapped.number = -2;
    all.aligned = 0xdeadbeef;
    all.big = {-1, 1};
    const std::string everything = raw(&all, sizeof all);
    seed(root, "typed_decode", abi, selector + everything);
    seed(root, "typed_decode", abi + "-short", selector + everything.substr(0, 40));
    seed(root, "typed_decode_everywhere", abi, everything);
    seed(root, "typed_encode", abi, everything.substr(0, 64));

    // Three records of the demo, one of them dirty, and half of a fourth.
    std::string stream;
    for (int i = 0; i < 3; i++) {
        CTestData record;
        if (i == 1) dirty(record); else record = CTestData{};
        record.a = char('A' + i);
        record.b = 300 + i;
        std::strncpy(record.c, "hello", sizeof record.c);
        stream += raw(&record, sizeof record);
    }
    stream += stream.substr(0, 11);

    const std::string cuts = {1, 24, 7, 63, 2, 2, 40, 5};
    seed(root, "deframe_plain", abi, cuts + stream);
    seed(root, "deframe_chunks", abi, std::string(1, 23) + cuts + stream);
    seed(root, "deframe_records", abi, cuts + std::string("\1\0\1\0\0\0\1\2\1\0\0", 11) + stream);

    // A head of four bytes: type, length of the whole message, both as this processor has them.
    std::string messages;
    for (uint16_t type = 1; type <= 3; type++) {
        const std::string body = stream.substr(0, 24 * type);
        const uint16_t head[2] = {type, uint16_t(4 + body.size())};
        messages += raw(head, sizeof head) + body;
    }
    seed(root, "deframe_length_prefixed", abi,
         std::string({4, 2, 2, 2, 0, char(200)}) + cuts + messages);
    seed(root, "deframe_length_prefixed", abi + "-short",
         std::string({4, 2, 2, 2, 0, char(200)}) + cuts + messages.substr(0, 40));

    const std::string text = "LOGIN alice\r\nBUY 300 ACME\nQUIT\r\n";
    seed(root, "deframe_lines", abi, std::string(1, 60) + cuts + text + "\xff\xfe bad\nrest");
    seed(root, "deframe_delimited", abi,
         std::string({1, 60}) + "\r\n" + cuts + "8=FIX\r\n35=A\r\n10=000\r\n\r\r\nrest");
}
