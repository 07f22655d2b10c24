/* What a quote server passes to send(): structs as its compiler lays them out, one after the other. */
#ifndef QUOTES_H
#define QUOTES_H

#include <stdint.h>

enum kind { HEARTBEAT = 0, TRADE = 1, BOOK = 2 };
enum side { BUY = 'B', SELL = 'S' };

/* Stands at the start of every message. */
struct head {
    uint16_t length; /* of the whole message, this head included */
    uint8_t kind;    /* enum kind */
    uint8_t version : 4;
    uint8_t replayed : 1;
    uint32_t sequence;
};

struct heartbeat {
    struct head head;
    int64_t sent; /* nanoseconds since 1970 */
};

struct trade {
    struct head head;
    char symbol[8];
    double price;
    uint32_t lots;
    enum side aggressor;
};

struct level {
    double price;
    uint32_t lots;
    uint16_t orders;
};

struct book {
    struct head head;
    char symbol[8];
    uint16_t bids; /* of the levels, the first so many; the rest are offers */
    struct level levels[];
};

#endif
