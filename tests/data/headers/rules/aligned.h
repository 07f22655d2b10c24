/* aligned raises on records, members and typedefs; without a number it is the ABI's largest. */
typedef struct A { char c; } __attribute__((aligned(16))) A;
typedef struct B { char a; int b __attribute__((aligned(8))); char c; } B;
typedef int T16 __attribute__((aligned(16)));
typedef struct C { char a; T16 b; char c; } C;
typedef struct D { char a; A b; char c; } D;
typedef struct E { char c; } __attribute__((aligned)) E;
typedef struct F { char a; _Alignas(8) char b; _Alignas(double) char c; } F;
typedef unsigned long long aligned_u64 __attribute__((aligned(8)));
typedef struct G { char a; aligned_u64 b; } G;
typedef struct H { char a; struct { int x; } __attribute__((aligned(8))) b; } H;
