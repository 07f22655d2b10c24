// What an empty class asks of the class around it, packed or not: in gcc what an attribute gave it.
#ifndef _MSC_VER
struct __attribute__((aligned(8))) E {};
struct Z { int : 0; };
typedef E T __attribute__((aligned(32)));
struct A : E { char c; };
struct B : E { char c; } __attribute__((packed));
#pragma pack(push, 4)
struct C : E { char c; };
#pragma pack(pop)
struct D { char c; [[no_unique_address]] T e; };
struct F : Z { char c; };
struct N { [[no_unique_address]] E e; };
struct G : N { char c; };
struct H { short s; H(); };
struct I : H, E { I(); };
struct J : I { char c; };
#endif
