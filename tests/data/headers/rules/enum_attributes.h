/* aligned on an enum: gcc ignores it, clang honours it. */
enum E { E0, E1 } __attribute__((aligned(8)));
typedef struct A { char c; enum E e; } A;
