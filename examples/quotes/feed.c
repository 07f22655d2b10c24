/* Writes a short feed to standard output, as the server would to a socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quotes.h"

static uint32_t sequence;

static struct head head(size_t length, enum kind kind) {
    struct head head = {.length = (uint16_t)length, .kind = (uint8_t)kind, .version = 1};
    head.sequence = ++sequence;
    return head;
}

static void heartbeat(int64_t sent) {
    struct heartbeat message = {.head = head(sizeof message, HEARTBEAT), .sent = sent};
    fwrite(&message, sizeof message, 1, stdout);
}

static void trade(const char *symbol, double price, uint32_t lots, enum side aggressor) {
    struct trade message = {.price = price, .lots = lots, .aggressor = aggressor};
    message.head = head(sizeof message, TRADE);
    strncpy(message.symbol, symbol, sizeof message.symbol);
    fwrite(&message, sizeof message, 1, stdout);
}

static void book(const char *symbol, uint16_t bids, const struct level *levels, size_t count) {
    size_t length = sizeof(struct book) + count * sizeof *levels;
    struct book *message = calloc(1, length);
    message->head = head(length, BOOK);
    strncpy(message->symbol, symbol, sizeof message->symbol);
    message->bids = bids;
    memcpy(message->levels, levels, count * sizeof *levels);
    fwrite(message, length, 1, stdout);
    free(message);
}

int main(void) {
    static const struct level levels[] = {{99.5, 300, 4}, {99.25, 1200, 9}, {100.0, 50, 1}};
    heartbeat(1767323045000000006);
    trade("ACME", 99.75, 20, BUY);
    book("ACME", 2, levels, 3);
    trade("LONGNAME", 0.1, 4000000000u, SELL);
    book("EMPTY", 0, NULL, 0);
    heartbeat(1767323046000000000);
    return 0;
}
