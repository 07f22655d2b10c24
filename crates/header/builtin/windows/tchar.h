#ifndef _INC_TCHAR
#define _INC_TCHAR
#include <stddef.h>
#ifdef _UNICODE
typedef wchar_t _TCHAR;
#define _T(x) L ## x
#else
typedef char _TCHAR;
#define _T(x) x
#endif
#define _TEXT(x) _T(x)
#endif
