/* aligned behind `*`: gcc aligns the pointer's type, and may lower it; clang aligns what is declared. */
typedef struct A { char c; char *__attribute__((aligned(2))) p; } A;
typedef struct B { char c; char *__attribute__((aligned(2))) p[3]; } B;
typedef struct C { char c; char *const __attribute__((aligned(2))) p[3][2]; } C;
typedef struct D { char c; char *__attribute__((aligned(16))) p; } D;
typedef struct E { char c; int (*__attribute__((aligned(2))) f)(void); } E;
typedef struct F { char c; int (*__attribute__((aligned(16))) a)[2]; } F;
typedef char *__attribute__((aligned(2))) Low;
typedef struct G { char c; Low p; } G;
typedef struct H { char c; int __attribute__((aligned(2))) i[3]; } H;
