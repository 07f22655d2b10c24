#ifndef _WINSOCK2API_
#define _WINSOCK2API_
#include <windows.h>
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef UINT_PTR SOCKET;
typedef int socklen_t;
typedef struct in_addr {
  union {
    struct {
      u_char s_b1, s_b2, s_b3, s_b4;
    } S_un_b;
    struct {
      u_short s_w1, s_w2;
    } S_un_w;
    u_long S_addr;
  } S_un;
} IN_ADDR, *PIN_ADDR;
#define s_addr S_un.S_addr
struct sockaddr {
  u_short sa_family;
  char sa_data[14];
};
struct sockaddr_in {
  short sin_family;
  u_short sin_port;
  struct in_addr sin_addr;
  char sin_zero[8];
};
struct sockaddr_storage {
  short ss_family;
  char __ss_pad1[6];
  long long __ss_align;
  char __ss_pad2[112];
};
typedef struct sockaddr SOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN;
typedef struct sockaddr_storage SOCKADDR_STORAGE;
struct timeval {
  long tv_sec;
  long tv_usec;
};
struct linger {
  u_short l_onoff;
  u_short l_linger;
};
#define FD_SETSIZE 64
typedef struct fd_set {
  u_int fd_count;
  SOCKET fd_array[FD_SETSIZE];
} fd_set;
#define _SYS_TIME_H
#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 23
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define INVALID_SOCKET ((SOCKET)~0)
#define INADDR_ANY 0
#endif
