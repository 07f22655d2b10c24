#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H
#include <sys/types.h>
#include <sys/uio.h>
typedef unsigned int socklen_t;
#ifdef __APPLE__
typedef unsigned char sa_family_t;
#define __CWIRE_SOCKADDR(prefix) unsigned char prefix ## len; sa_family_t prefix ## family
#else
typedef unsigned short sa_family_t;
#define __CWIRE_SOCKADDR(prefix) sa_family_t prefix ## family
#endif
struct sockaddr {
  __CWIRE_SOCKADDR(sa_);
  char sa_data[14];
};
struct sockaddr_storage {
  __CWIRE_SOCKADDR(ss_);
#ifdef __linux__
  char __ss_padding[128 - sizeof(sa_family_t) - sizeof(unsigned long)];
  unsigned long __ss_align;
#else
  char __ss_pad1[8 - 2];
  long long __ss_align;
  char __ss_pad2[128 - 16];
#endif
};
struct msghdr {
  void *msg_name;
  socklen_t msg_namelen;
  struct iovec *msg_iov;
#ifdef __linux__
  size_t msg_iovlen;
  void *msg_control;
  size_t msg_controllen;
#else
  int msg_iovlen;
  void *msg_control;
  socklen_t msg_controllen;
#endif
  int msg_flags;
};
struct cmsghdr {
#ifdef __linux__
  size_t cmsg_len;
#else
  socklen_t cmsg_len;
#endif
  int cmsg_level;
  int cmsg_type;
#ifdef __linux__
  unsigned char __cmsg_data[];
#endif
};
struct linger {
  int l_onoff;
  int l_linger;
};
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_LOCAL 1
#define AF_INET 2
#ifdef __APPLE__
#define AF_INET6 30
#else
#define AF_INET6 10
#endif
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_INET AF_INET
#define PF_INET6 AF_INET6
#if defined(__mips__) && defined(__linux__)
#define SOCK_STREAM 2
#define SOCK_DGRAM 1
#else
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#endif
#define SOCK_RAW 3
#undef __CWIRE_SOCKADDR
#endif
