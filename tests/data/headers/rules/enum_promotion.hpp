/* An enum of C++ promotes to int if its values fit, unless it says what holds it (C++17 conv.prom). */
enum A { A1 = sizeof(int) };
enum B : unsigned { B1 = 4 };
enum C { C1 = 0x80000000u };
struct S { char a[(-6 <= A1) + 1], b[(-6 <= B1) + 1], c[(-6 <= C1) + 1]; };
