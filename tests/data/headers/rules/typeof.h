/* typeof takes types from expressions. */
typedef struct A { char c; __typeof__(1LL) l; } A;
extern int var[3];
typedef struct B { __typeof__(var) v; __typeof__(var[0] + 1L) w; __typeof__(unsigned char) u; } B;
