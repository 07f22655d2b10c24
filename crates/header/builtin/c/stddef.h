#ifndef _STDDEF_H
#define _STDDEF_H
#ifdef __SIZE_TYPE__
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#elif defined(_WIN64)
typedef unsigned long long size_t;
typedef long long ptrdiff_t;
#else
typedef unsigned int size_t;
typedef int ptrdiff_t;
#endif
#define _SIZE_T_DEFINED
#ifndef __cplusplus
#ifdef __WCHAR_TYPE__
typedef __WCHAR_TYPE__ wchar_t;
#else
typedef unsigned short wchar_t;
#endif
#define _WCHAR_T_DEFINED
#define NULL ((void *)0)
#else
#define NULL 0
namespace std {
typedef decltype(nullptr) nullptr_t;
using ::size_t;
using ::ptrdiff_t;
}
#endif
#ifdef _MSC_VER
typedef double max_align_t;
#elif defined(__APPLE__)
typedef long double max_align_t;
#else
typedef struct {
  long long __max_align_ll __attribute__((__aligned__(__alignof__(long long))));
  long double __max_align_ld __attribute__((__aligned__(__alignof__(long double))));
#if defined(__i386__) && !defined(_WIN32)
  __float128 __max_align_f128 __attribute__((__aligned__(__alignof(__float128))));
#endif
} max_align_t;
#endif
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
