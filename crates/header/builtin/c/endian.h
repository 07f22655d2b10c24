#ifndef _ENDIAN_H
#define _ENDIAN_H
#include <stdint.h>
#define __LITTLE_ENDIAN 1234
#define __BIG_ENDIAN 4321
#define __PDP_ENDIAN 3412
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == 4321
#define __BYTE_ORDER __BIG_ENDIAN
#else
#define __BYTE_ORDER __LITTLE_ENDIAN
#endif
#define __FLOAT_WORD_ORDER __BYTE_ORDER
#define LITTLE_ENDIAN __LITTLE_ENDIAN
#define BIG_ENDIAN __BIG_ENDIAN
#define PDP_ENDIAN __PDP_ENDIAN
#define BYTE_ORDER __BYTE_ORDER
#define __bswap_constant_16(x) ((uint16_t)((((x) >> 8) & 0xff) | (((x) & 0xff) << 8)))
#define __bswap_constant_32(x) \
  ((uint32_t)((((x) & 0xff000000u) >> 24) | (((x) & 0x00ff0000u) >> 8) | \
              (((x) & 0x0000ff00u) << 8) | (((x) & 0x000000ffu) << 24)))
#define __bswap_constant_64(x) \
  (((uint64_t)__bswap_constant_32((x) & 0xffffffffu) << 32) | __bswap_constant_32((x) >> 32))
#if __BYTE_ORDER == __LITTLE_ENDIAN
#define htobe16(x) __bswap_constant_16(x)
#define htobe32(x) __bswap_constant_32(x)
#define htobe64(x) __bswap_constant_64(x)
#define htole16(x) ((uint16_t)(x))
#define htole32(x) ((uint32_t)(x))
#define htole64(x) ((uint64_t)(x))
#else
#define htobe16(x) ((uint16_t)(x))
#define htobe32(x) ((uint32_t)(x))
#define htobe64(x) ((uint64_t)(x))
#define htole16(x) __bswap_constant_16(x)
#define htole32(x) __bswap_constant_32(x)
#define htole64(x) __bswap_constant_64(x)
#endif
#define be16toh(x) htobe16(x)
#define be32toh(x) htobe32(x)
#define be64toh(x) htobe64(x)
#define le16toh(x) htole16(x)
#define le32toh(x) htole32(x)
#define le64toh(x) htole64(x)
#endif
