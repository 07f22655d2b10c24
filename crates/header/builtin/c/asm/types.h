#ifndef _ASM_TYPES_H
#define _ASM_TYPES_H
typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
/* Some 64-bit kernels make it `long`; the size is the same. */
#if defined(__powerpc64__) && !defined(__SANE_USERSPACE_TYPES__)
typedef long __s64;
typedef unsigned long __u64;
#else
__extension__ typedef long long __s64;
__extension__ typedef unsigned long long __u64;
#endif
#endif
