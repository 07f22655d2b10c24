/* A header's own #if takes the branch of the ABI. */
#include <stdint.h>
typedef struct A {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint8_t ihl : 4, version : 4;
#elif __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint8_t version : 4, ihl : 4;
#else
#error no byte order
#endif
    uint8_t tos;
    uint16_t tot_len;
} A;
typedef struct B { uint16_t res1 : 4, doff : 4, fin : 1, syn : 1, rest : 6; } B;
