#ifndef _STDLIB_H
#define _STDLIB_H
#include <stddef.h>
#ifdef __linux__
#include <sys/types.h>
#endif
typedef struct {
  int quot, rem;
} div_t;
typedef struct {
  long quot, rem;
} ldiv_t;
typedef struct {
  long long quot, rem;
} lldiv_t;
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#ifdef _WIN32
#define RAND_MAX 0x7fff
#define _MAX_PATH 260
#define _MAX_FNAME 256
#define _MAX_DIR 256
#define _MAX_EXT 256
#define _MAX_DRIVE 3
#else
#define RAND_MAX 2147483647
#endif
#endif
