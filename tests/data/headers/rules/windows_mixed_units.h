/* 16 bits, then u16 and u32, packed: a unit of its own on Windows. */
#include <stdint.h>
#pragma pack(push, 1)
typedef struct A { uint32_t a : 16; uint16_t b; uint32_t c; } A;
#pragma pack(pop)
