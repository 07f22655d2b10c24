/* Scalars are aligned to their size, but for those that other headers here show. */
#include <stdbool.h>
#include <stdint.h>
typedef struct A { char a; short b; char c; int d; char e; float f; char g; _Bool h; short i; } A;
typedef struct B { int8_t a; uint16_t b; uint8_t c; uint32_t d; uint8_t e; uintptr_t f; bool g; } B;
typedef struct C { char a; _Complex float f; } C;
typedef struct D { char a; int (*f)(int, char); char b; struct Unknown *p; } D;
