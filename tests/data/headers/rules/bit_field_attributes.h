/* packed and aligned on single bit-fields. */
typedef struct A { int a : 4; int b : 4 __attribute__((packed)); char c; } A;
typedef struct B { char a; int b : 4 __attribute__((aligned(2))); } B;
typedef struct C { int a : 4; int b : 4 __attribute__((aligned(8))); char c; } C;
typedef int T8 __attribute__((aligned(8)));
typedef struct D { char a; T8 b : 3; } D;
typedef struct F { char a; T8 b : 30; T8 c : 3; } F;
#ifndef __APPLE__
#pragma pack(push, 2)
typedef struct E { _Bool m; int x : 32 __attribute__((aligned(4))); } E;
#pragma pack(pop)
#endif
