/* std::array<T, N> is a record around T[N] (C++17 array.overview). */
#include <array>
#include <cstdint>
constexpr unsigned length = 3;
struct In { char c; int i; };
struct A { char c; std::array<uint16_t, 3> a; char d; };
struct B { char c; std::array<In, length> a; std::array<char, sizeof(In) - 1> b; };
struct C { char c; std::array<std::array<double, 2>, length + 1> a; };
struct __attribute__((packed)) D { char c; std::array<int, 2> a; };
