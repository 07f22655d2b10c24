/* Kernel headers wrap members in function-like macros. */
#define __struct_group(TAG, NAME, ATTRS, MEMBERS...) union { struct { MEMBERS } ATTRS; struct TAG { MEMBERS } ATTRS NAME; } ATTRS
#define __DECLARE_FLEX_ARRAY(TYPE, NAME) struct { struct { } __empty_ ## NAME; TYPE NAME[]; }
typedef unsigned long long __aligned_u64 __attribute__((aligned(8)));
#ifndef _MSC_VER
typedef struct A { char kind; __struct_group(hdr, head, , short a; int b;); __aligned_u64 big; } A;
typedef struct B { int n; union { char bytes[4]; __DECLARE_FLEX_ARRAY(int, words); }; } B;
#endif
typedef struct C { __extension__ union { int a; __extension__ struct { short b, c; }; }; } C;
