/* _BitInt: up to 64 bits as an integer, beyond in whole units. */
#ifdef __clang__
typedef struct A { char c; _BitInt(17) a; unsigned _BitInt(33) b; _BitInt(65) d; char e; } A;
#endif
