#ifndef _NET_ETHERNET_H
#define _NET_ETHERNET_H
#include <stdint.h>
#include <sys/types.h>
#define ETH_ALEN 6
#define ETHER_ADDR_LEN 6
#define ETHER_HDR_LEN 14
#ifdef __linux__
struct ether_addr {
  uint8_t ether_addr_octet[6];
} __attribute__((__packed__));
struct ether_header {
  uint8_t ether_dhost[6];
  uint8_t ether_shost[6];
  uint16_t ether_type;
} __attribute__((__packed__));
#else
struct ether_addr {
  uint8_t octet[6];
};
struct ether_header {
  uint8_t ether_dhost[6];
  uint8_t ether_shost[6];
  uint16_t ether_type;
};
#endif
#endif
