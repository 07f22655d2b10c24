// What a C++ programmer writes to print records as JSON Lines: memcpy the struct, format with
// std::to_chars into a buffer that is large enough.
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

struct CTestData {
    char a;
    int b;
    char c[15];
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
    int32_t side;
};

static_assert(sizeof(CTestData) == 24 && sizeof(Quote) == 64, "the Rust side has these sizes");

namespace {

// Longest line of either struct, with room to spare.
constexpr size_t line_room = 1024;

struct Writer {
    char *p;

    template <size_t N> void literal(const char (&text)[N]) {
        std::memcpy(p, text, N - 1);
        p += N - 1;
    }

    template <typename T> void number(T value) { p = std::to_chars(p, p + 64, value).ptr; }

    template <typename T> void floating(T value) {
        if (std::isfinite(value)) {
            number(value);
        } else if (std::isnan(value)) {
            literal("\"NaN\"");
        } else if (value < 0) {
            literal("\"-Infinity\"");
        } else {
            literal("\"Infinity\"");
        }
    }

    void character(unsigned char c) {
        static const char hex[] = "0123456789abcdef";
        if (c == '"' || c == '\\') {
            *p++ = '\\';
            *p++ = static_cast<char>(c);
        } else if (c < 0x20) {
            literal("\\u00");
            *p++ = hex[c >> 4];
            *p++ = hex[c & 15];
        } else {
            *p++ = static_cast<char>(c);
        }
    }

    void one(char c) {
        *p++ = '"';
        unsigned char u = static_cast<unsigned char>(c);
        if (u < 0x80) {
            character(u);
        } else {
            *p++ = static_cast<char>(0xc0 | u >> 6);
            *p++ = static_cast<char>(0x80 | (u & 0x3f));
        }
        *p++ = '"';
    }

    // The input is ASCII: UTF-8 is not checked here.
    template <size_t N> void text(const char (&s)[N]) {
        *p++ = '"';
        for (size_t i = 0; i < N && s[i]; i++) character(static_cast<unsigned char>(s[i]));
        *p++ = '"';
    }

    void boolean(bool value) {
        if (value)
            literal("true");
        else
            literal("false");
    }
};

void fields(Writer &w, const CTestData &r) {
    w.literal("{\"a\": ");
    w.one(r.a);
    w.literal(", \"b\": ");
    w.number(r.b);
    w.literal(", \"c\": ");
    w.text(r.c);
    w.literal("}");
}

void fields(Writer &w, const Quote &r) {
    w.literal("{\"seq\": ");
    w.number(r.seq);
    w.literal(", \"lots\": ");
    w.number(static_cast<unsigned>(r.lots));
    w.literal(", \"venue\": ");
    w.number(static_cast<unsigned>(r.venue));
    w.literal(", \"tick\": ");
    w.number(static_cast<unsigned>(r.tick));
    w.literal(", \"open\": ");
    w.boolean(r.open);
    w.literal(", \"skew\": ");
    w.number(static_cast<int>(r.skew));
    w.literal(", \"bid\": ");
    w.floating(r.bid);
    w.literal(", \"ask\": ");
    w.floating(r.ask);
    w.literal(", \"depth\": [");
    for (int i = 0; i < 4; i++) {
        if (i) w.literal(", ");
        w.floating(r.depth[i]);
    }
    w.literal("], \"symbol\": ");
    w.text(r.symbol);
    w.literal(", \"side\": ");
    w.number(r.side);
    w.literal("}");
}

const char *name(const CTestData &) { return "CTestData"; }
const char *name(const Quote &) { return "Quote"; }

// Writes as many lines as there is room for; returns how many records, and in `written` the bytes.
template <typename T>
size_t lines(const unsigned char *bytes, size_t count, uint64_t offset, char *out, size_t room,
             size_t *written) {
    Writer w{out};
    const char *end = out + room;
    size_t i = 0;
    for (; i < count && static_cast<size_t>(end - w.p) >= line_room; i++) {
        T r;
        std::memcpy(&r, bytes + i * sizeof r, sizeof r);
        w.literal("{\"type\": \"record\", \"record\": \"");
        size_t len = std::strlen(name(r));
        std::memcpy(w.p, name(r), len);
        w.p += len;
        w.literal("\", \"offset\": ");
        w.number(offset + i * sizeof r);
        w.literal(", \"fields\": ");
        fields(w, r);
        w.literal("}\n");
    }
    *written = static_cast<size_t>(w.p - out);
    return i;
}

}  // namespace

extern "C" {
size_t cwire_small_json(const unsigned char *bytes, size_t count, uint64_t offset, char *out,
                        size_t room, size_t *written) {
    return lines<CTestData>(bytes, count, offset, out, room, written);
}

size_t cwire_dynamic_quote_json(const unsigned char *bytes, size_t count, uint64_t offset,
                                char *out, size_t room, size_t *written) {
    return lines<Quote>(bytes, count, offset, out, room, written);
}
}
