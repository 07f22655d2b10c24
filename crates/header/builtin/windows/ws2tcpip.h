#ifndef _WS2TCPIP_H_
#define _WS2TCPIP_H_
#include <winsock2.h>
typedef struct in6_addr {
  union {
    u_char Byte[16];
    u_short Word[8];
  } u;
} IN6_ADDR, *PIN6_ADDR;
struct sockaddr_in6 {
  short sin6_family;
  u_short sin6_port;
  u_long sin6_flowinfo;
  struct in6_addr sin6_addr;
  u_long sin6_scope_id;
};
#define INET_ADDRSTRLEN 22
#define INET6_ADDRSTRLEN 65
#endif
