/* The classic capture file: a head, then packets. Written by hand from pcap-savefile(5). */
#include <stdint.h>

struct pcap_file {
    uint32_t magic; /* 0xa1b2c3d4, in the byte order of the machine that wrote it */
    uint16_t version_major;
    uint16_t version_minor;
    int32_t reserved[2];
    uint32_t snaplen; /* bytes that are kept of a packet at most */
    uint32_t linktype; /* 1: Ethernet */
};

struct pcap_packet {
    uint32_t seconds, microseconds;
    uint32_t captured; /* bytes that follow */
    uint32_t length;   /* bytes that the packet had */
    uint8_t data[];
};
