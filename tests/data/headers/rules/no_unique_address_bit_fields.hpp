/* Members without an address of their own beside bit-fields, and of typedefs that ask for alignment. */
struct E { };
struct alignas(4) Wide { };
typedef E Aligned __attribute__((aligned(4)));
struct A { int a : 6; [[no_unique_address]] E e; bool b : 1; };
struct B { unsigned short : 2; [[no_unique_address]] Wide e; long long b : 64; };
struct C : Wide { int a : 4; [[no_unique_address]] E e; short b : 3; };
struct D : E { [[no_unique_address]] Aligned e; };
struct F { [[no_unique_address]] E a; [[no_unique_address]] Aligned b; };
struct G : E { [[no_unique_address]] E e __attribute__((aligned(4))); };
struct H : protected E { [[no_unique_address]] Aligned e; } __attribute__((packed, aligned(4)));
#pragma pack(push, 1)
struct I : E { [[no_unique_address]] Aligned e; char c; };
#pragma pack(pop)
struct J { unsigned short a : 4; [[no_unique_address]] E e; } __attribute__((packed));
struct K : E { unsigned a : 4; [[no_unique_address]] E e; };
struct L { unsigned char : 8; const int a : 32, b : 2; [[no_unique_address]] E e; } __attribute__((packed, aligned(4)));
struct M { unsigned a : 3; [[no_unique_address]] E e; char c; };
struct N { unsigned a : 3; [[no_unique_address]] E e; unsigned b : 3; [[no_unique_address]] Wide w; };
#pragma pack(push, 2)
struct O { unsigned a : 5; [[no_unique_address]] E e; };
struct P : O { char c; };
#pragma pack(pop)
