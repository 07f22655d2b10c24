#ifndef _BYTESWAP_H
#define _BYTESWAP_H
#include <endian.h>
#define bswap_16(x) __bswap_constant_16(x)
#define bswap_32(x) __bswap_constant_32(x)
#define bswap_64(x) __bswap_constant_64(x)
#endif
