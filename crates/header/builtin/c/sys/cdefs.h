#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#define __THROW noexcept(true)
#else
#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW __attribute__((__nothrow__))
#endif
#define __P(args) args
#define __PMT(args) args
#define __CONCAT(x, y) x ## y
#define __STRING(x) #x
#define __ptr_t void *
#define __flexarr []
#define __glibc_c99_flexarr_available 1
#ifndef __linux__
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#endif
#define __attribute_packed__ __attribute__((__packed__))
#define __attribute_deprecated__ __attribute__((__deprecated__))
#define __attribute_pure__ __attribute__((__pure__))
#define __attribute_const__ __attribute__((__const__))
#define __attribute_used__ __attribute__((__used__))
#define __attribute_noinline__ __attribute__((__noinline__))
#define __attribute_malloc__ __attribute__((__malloc__))
#define __nonnull(params) __attribute__((__nonnull__ params))
#define __wur
#define __always_inline __inline __attribute__((__always_inline__))
#define __LEAF
#define __LEAF_ATTR
#define __NTH(declaration) declaration
#endif
