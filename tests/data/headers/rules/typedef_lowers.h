/* gcc's aligned on a typedef may lower the alignment. */
#ifndef _MSC_VER
typedef int I1 __attribute__((aligned(1)));
typedef long long L2 __attribute__((aligned(2)));
typedef struct A { char a; I1 b; char c; L2 d; } A;
typedef int V2[2] __attribute__((aligned(8)));
typedef struct B { char a; V2 v; } B;
#endif
