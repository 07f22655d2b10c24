/* A 64-bit integer after a 32-bit one is aligned to itself, but on i386. */
#include <stdint.h>
typedef struct A { int32_t a; int64_t b; } A;
