#ifndef _ERRNO_H
#define _ERRNO_H
#define EPERM 1
#define ENOENT 2
#define EINTR 4
#define EIO 5
#define EBADF 9
#define ENOMEM 12
#define EACCES 13
#define EEXIST 17
#define EINVAL 22
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#ifdef __APPLE__
#define EAGAIN 35
#define ETIMEDOUT 60
#else
#define EAGAIN 11
#define ETIMEDOUT 110
#endif
#define EWOULDBLOCK EAGAIN
#endif
