#ifndef _STDARG_H
#define _STDARG_H
#ifdef _MSC_VER
typedef char *va_list;
#else
typedef __builtin_va_list va_list;
typedef __builtin_va_list __gnuc_va_list;
#endif
#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_end(list) __builtin_va_end(list)
#define va_copy(to, from) __builtin_va_copy(to, from)
#endif
