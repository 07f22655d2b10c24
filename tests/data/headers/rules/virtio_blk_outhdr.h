/* virtio_blk_outhdr: 16 bytes on every ABI. */
#include <stdint.h>
typedef struct virtio_blk_outhdr { uint32_t type; uint32_t ioprio; uint64_t sector; } virtio_blk_outhdr;
typedef struct A { uint32_t x; virtio_blk_outhdr h; } A;
