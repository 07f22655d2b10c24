// A part that holds an empty class of a type that is there already moves on: in gcc by its alignment.
#ifndef _MSC_VER
struct E {};
struct __attribute__((aligned(8))) F {};
struct A : E { int i; };
struct B : E, A { char c; };
struct C { [[no_unique_address]] F e; F f; } __attribute__((packed));
struct I : E { int i : 7; [[no_unique_address]] E e; };
struct J { __attribute__((aligned(8))) bool b; J(); } __attribute__((packed));
struct K { [[no_unique_address]] J j; } __attribute__((packed));
#pragma pack(push, 4)
struct alignas(16) G : E { char c; };
struct H : E, G { char c; };
#pragma pack(pop)
#endif
