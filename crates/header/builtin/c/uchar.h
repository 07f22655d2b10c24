#ifndef _UCHAR_H
#define _UCHAR_H
#include <wchar.h>
#ifndef __cplusplus
#ifdef __CHAR16_TYPE__
typedef __CHAR16_TYPE__ char16_t;
typedef __CHAR32_TYPE__ char32_t;
#else
typedef unsigned short char16_t;
typedef unsigned int char32_t;
#endif
#endif
#endif
