/* Messages of two kinds behind a head, with things that only some bytes are values of. */
#include <stdint.h>

enum kind { TRADE = 1, STATUS = 2 };
enum side { BUY, SELL };

struct head {
    uint16_t length;
    uint8_t kind;
    uint8_t flags;
};

struct trade {
    struct head head;
    enum side side;
    unsigned lots : 12;
    unsigned venue : 4;
    double price;
    char symbol[8];
};

struct status {
    struct head head;
    _Bool open;
    uint16_t levels[3];
};
