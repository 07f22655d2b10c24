/* What a quote server passes to send(): the memory of a struct, as its compiler laid it out. */
#include <stddef.h>

struct Quote {
    char side; /* 'B' or 'S' */
    long id;
    unsigned char live : 1;
    unsigned venue : 7;
    unsigned lots : 16;
    wchar_t symbol[6];
    double price;
};
