/* What a class declares decides whether its tail padding is used again (Itanium C++ ABI 1.1, POD for the purpose of layout). */
#define CASE(N, DECLARED) struct B##N { DECLARED int i; char c; }; struct D##N : B##N { char d; };
CASE(1, B1() = default;)
CASE(2, B2();)
CASE(3, ~B3() = default;)
CASE(4, B4 &operator=(const B4 &) = default;)
CASE(5, B5(const B5 &) = default;)
CASE(6, B6(const B6 &) = delete;)
CASE(7, B7 &operator=(const B7 &) = delete;)
CASE(8, B8 &operator=(B8 &&) = default;)
CASE(9, B9(B9 &&) = default;)
CASE(10, B10() = delete;)
CASE(11, ~B11();)
CASE(12, ~B12() = delete;)
CASE(13, B13 &operator=(const B13 &);)
CASE(14, B14 &operator=(B14 &&);)
CASE(15, explicit B15(int);)
CASE(16, B16(const B16 &);)
CASE(17, B17() = default; B17(int);)
CASE(18, friend struct X; static int q; void f();)
struct B19 { int i = 3; char c; };
struct D19 : B19 { char d; };
struct B20 { int i; private: char c; };
struct D20 : B20 { char d; };
class B21 { int i; char c; };
struct D21 : B21 { char d; };
struct Empty { };
struct B22 : Empty { int i; char c; };
struct D22 : B22 { char d; };
struct NonPod { NonPod(); int x; };
struct B23 { NonPod n; char c; };
struct D23 : B23 { char d; };
struct B24 { NonPod n[2]; char c; };
struct D24 : B24 { char d; };
struct B25 { int &r; char c; };
struct D25 : B25 { char d; };
struct Pod { int i; char c; };
struct B26 : Pod { };
struct D26 : B26 { char d; };
