#ifndef _WCHAR_H
#define _WCHAR_H
#include <stddef.h>
#include <stdint.h>
#ifdef __WINT_TYPE__
typedef __WINT_TYPE__ wint_t;
#else
typedef unsigned short wint_t;
#endif
#ifdef __linux__
typedef struct {
  int __count;
  union {
    unsigned int __wch;
    char __wchb[4];
  } __value;
} mbstate_t;
#elif defined(__APPLE__)
typedef union {
  char __mbstate8[128];
  long long _mbstateL;
} mbstate_t;
#elif defined(_MSC_VER)
typedef struct _Mbstatet {
  unsigned long _Wchar;
  unsigned short _Byte, _State;
} mbstate_t;
#elif defined(_WIN32)
typedef int mbstate_t;
#else
typedef struct {
  int __count;
  union {
    wint_t __wch;
    unsigned char __wchb[4];
  } __value;
} mbstate_t;
#endif
#define WEOF ((wint_t)-1)
#endif
