#include <wchar.h>
#ifndef _WCTYPE_H
#define _WCTYPE_H
#ifdef _WIN32
typedef unsigned short wctype_t;
#elif defined(__APPLE__)
typedef unsigned int wctype_t;
#else
typedef unsigned long wctype_t;
#endif
#endif
