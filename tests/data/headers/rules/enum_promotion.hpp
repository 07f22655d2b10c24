/* An enum of C++ promotes to int if its values fit, unless it says what holds it (C++17 conv.prom). */
enum A { A1 = sizeof(int) };
enum B : unsigned { B1 = 4 };
enum C { C1 = 0x80000000u };
enum D { D1 = 0x7000000000000000ll };
enum E { E1 = 0x8000000000000000ull };
enum F { F1 = 0x100000000ll, F2 = 1 };
enum G { G1 = -1, G2 = 0x7fffffff };
enum H { H1 = -1, H2 = 0x80000000ll };
struct S { char a[(-6 <= A1) + 1], b[(-6 <= B1) + 1], c[(-6 <= C1) + 1]; };
struct T { char d[(-6 <= D1) + 1], e[(-6 <= E1) + 1], f[(~(F2 & 31) > 12) + 1], g[(-6 <= G2) + 1], h[(-6 <= H2) + 1]; };
#ifndef _MSC_VER
struct U { char a[sizeof(+A1)], d[sizeof(+D1)], f[sizeof(+F2)], g[sizeof(+G1)], h[sizeof(+H2)]; };
#endif
