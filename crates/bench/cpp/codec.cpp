// What a C++ service does with the bytes of a struct: memcpy, record by record.
#include <cstddef>
#include <cstdint>
#include <cstring>

struct CTestData {
    char a;
    int b;
    char c[15];
};

struct Level {
    float price;
    float size;
    uint64_t id;
};

struct Quote {
    uint64_t seq;
    uint16_t lots : 12, venue : 4;
    uint32_t tick : 20;
    bool open : 1;
    int skew : 7;
    double bid, ask;
    float depth[4];
    char symbol[12];
    Level best;
    int32_t side;
};

static_assert(sizeof(CTestData) == 24 && sizeof(Quote) == 88, "the Rust side has these sizes");

// Keeps the compiler from knowing where a pointer points, and so from joining the copies to one.
template <typename T> static T *opaque(void *p) {
    asm volatile("" : "+r"(p) : : "memory");
    return static_cast<T *>(p);
}

template <typename T>
static void decode(const unsigned char *bytes, size_t count, void *out) {
    T *records = opaque<T>(out);
    for (size_t i = 0; i < count; i++) std::memcpy(&records[i], bytes + i * sizeof(T), sizeof(T));
}

template <typename T>
static void encode(const void *records, size_t count, unsigned char *out) {
    const T *from = static_cast<const T *>(records);
    unsigned char *to = opaque<unsigned char>(out);
    for (size_t i = 0; i < count; i++) std::memcpy(to + i * sizeof(T), &from[i], sizeof(T));
}

extern "C" {
void cwire_small_decode(const unsigned char *bytes, size_t count, void *out) {
    decode<CTestData>(bytes, count, out);
}

void cwire_small_encode(const void *records, size_t count, unsigned char *out) {
    encode<CTestData>(records, count, out);
}

int64_t cwire_small_sum(const unsigned char *bytes, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        CTestData r;
        std::memcpy(&r, bytes + i * sizeof r, sizeof r);
        sum += r.b + static_cast<unsigned char>(r.a);
    }
    return sum;
}

void cwire_quote_decode(const unsigned char *bytes, size_t count, void *out) {
    decode<Quote>(bytes, count, out);
}

void cwire_quote_encode(const void *records, size_t count, unsigned char *out) {
    encode<Quote>(records, count, out);
}

int64_t cwire_quote_sum(const unsigned char *bytes, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        Quote r;
        std::memcpy(&r, bytes + i * sizeof r, sizeof r);
        sum += static_cast<int64_t>(r.seq + r.lots + r.best.id) + static_cast<int64_t>(r.bid);
    }
    return sum;
}
}
