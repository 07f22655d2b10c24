#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#ifdef _MSC_VER
typedef unsigned int dev_t;
typedef unsigned short ino_t;
typedef long off_t;
typedef unsigned int _dev_t;
typedef unsigned short _ino_t;
typedef long _off_t;
#else
#include <endian.h>
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned short ushort;
typedef unsigned int uint;
#ifdef __linux__
typedef unsigned long ulong;
#ifdef __LP64__
typedef unsigned long dev_t;
typedef long blkcnt_t;
typedef long quad_t;
typedef unsigned long u_quad_t;
typedef long loff_t;
typedef long off64_t;
typedef unsigned long ino64_t;
#else
typedef unsigned long long dev_t;
typedef long blkcnt_t;
typedef long long quad_t;
typedef unsigned long long u_quad_t;
typedef long long loff_t;
typedef long long off64_t;
typedef unsigned long long ino64_t;
#endif
#if defined(__x86_64__) || defined(__powerpc64__) || defined(__s390x__)
typedef unsigned long nlink_t;
typedef long blksize_t;
#elif defined(__LP64__)
typedef unsigned int nlink_t;
typedef int blksize_t;
#else
typedef unsigned int nlink_t;
typedef long blksize_t;
#endif
#if defined(_FILE_OFFSET_BITS) && _FILE_OFFSET_BITS == 64
typedef ino64_t ino_t;
typedef off64_t off_t;
#else
typedef unsigned long ino_t;
typedef long off_t;
#endif
typedef unsigned int mode_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef int pid_t;
typedef unsigned int id_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef unsigned long fsblkcnt_t;
typedef unsigned long fsfilcnt_t;
typedef unsigned int useconds_t;
typedef long suseconds_t;
typedef int key_t;
typedef char *caddr_t;
typedef int daddr_t;
typedef struct {
  int __val[2];
} fsid_t;
typedef int register_t __attribute__((__mode__(__word__)));
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;
#define __BIT_TYPES_DEFINED__ 1
typedef struct {
  unsigned long fds_bits[1024 / (8 * sizeof(long))];
} fd_set;
#define FD_SETSIZE 1024
#elif defined(__APPLE__)
typedef int dev_t;
typedef unsigned long long ino_t;
typedef unsigned long long ino64_t;
typedef unsigned short nlink_t;
typedef unsigned short mode_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef long long off_t;
typedef int pid_t;
typedef unsigned int id_t;
typedef long ssize_t;
typedef int blksize_t;
typedef long long blkcnt_t;
typedef unsigned int fsblkcnt_t;
typedef unsigned int fsfilcnt_t;
typedef unsigned int useconds_t;
typedef int suseconds_t;
typedef int key_t;
typedef char *caddr_t;
typedef int daddr_t;
typedef long long quad_t;
typedef unsigned long long u_quad_t;
typedef long register_t;
typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef unsigned long long u_int64_t;
typedef struct fd_set {
  int fds_bits[32];
} fd_set;
#define FD_SETSIZE 1024
#elif defined(_WIN32)
typedef unsigned int dev_t;
typedef unsigned short ino_t;
typedef unsigned short mode_t;
typedef long off_t;
typedef long long off64_t;
typedef __PTRDIFF_TYPE__ pid_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef unsigned int useconds_t;
#else
typedef short dev_t;
typedef unsigned short ino_t;
typedef unsigned short nlink_t;
typedef unsigned int mode_t;
typedef unsigned short uid_t;
typedef unsigned short gid_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned long id_t;
typedef int ssize_t;
typedef long blksize_t;
typedef long blkcnt_t;
typedef unsigned long useconds_t;
typedef long suseconds_t;
typedef long key_t;
typedef char *caddr_t;
typedef long daddr_t;
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;
typedef int register_t;
#endif
#endif
#endif
