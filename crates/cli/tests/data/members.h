/* Members of every shape. */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdint.h>
#include "point.h"

enum side { BUY, SELL = 5, BOTH = -1 };

typedef struct {
    uint16_t kind;
    uint32_t len;
} header_t;

struct message {
    header_t hdr;
    enum side side;
    union {
        struct {
            char lo;
            int32_t hi;
        };
        double whole;
        float ratio;
    };
    struct {
        char tag;
        short value;
    } pairs[3];
    struct point *next;
    struct point corner;
    int (*notify)(void *, int);
    uint8_t matrix[2][3];
    char text[];
};

union word {
    uint32_t whole;
    uint16_t half[2];
    unsigned char low : 3;
};

struct __attribute__((packed)) wire {
    char tag;
    uint32_t len;
    unsigned a : 5, b : 4, c : 15;
};

struct opaque;

#endif
