/* long has 32 bits on Windows and 32-bit ABIs, wchar_t 16 on Windows. */
#include <stddef.h>
typedef struct A { char c; long l; wchar_t w[3]; size_t s; ptrdiff_t p; void *v; } A;
