/* Types inside classes and namespaces, with qualified names. */
#include <cstdint>
namespace wire {
namespace v1 {
constexpr int kLen = 3;
static const unsigned kMore = kLen * 2;
enum class Kind : std::uint8_t { A = 1 };
struct Head {
    Kind kind = Kind::A;
    std::uint16_t len = static_cast<std::uint16_t>(7);
    struct Inner { char c; double d{1.5}; };
    Inner inner[kLen];
    static constexpr int width = 5;
    unsigned bits : width = 2;
    char tail[kMore];
    Head() = default;
    Head(int n) : len(n) { if (n > 3) { len = 3; } }
    bool operator==(const Head &o) const { return len == o.len; }
    static int count;
    template <class T> T as() const { return T(len); }
};
}
using v1::Head;
struct Message { Head head; v1::Kind kinds[v1::Head::width]; };
}
using Alias = wire::Message;
struct Outer { Alias a; wire::v1::Head::Inner i; };
