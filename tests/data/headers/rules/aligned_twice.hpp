// Of several alignments of one record the last counts in gcc, the strictest in clang.
struct __attribute__((aligned(16))) A { char c; } __attribute__((aligned(4)));
#ifndef _MSC_VER
struct alignas(16) B { char c; } __attribute__((aligned(4)));
struct alignas(16) C {} __attribute__((packed, aligned(4)));
#endif
struct alignas(16) alignas(8) D { char c; };
