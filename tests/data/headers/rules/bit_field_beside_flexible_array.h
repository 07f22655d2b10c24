/* A flexible array follows the bytes of a bit-field. */
typedef struct A { unsigned n : 12; unsigned char data[]; } A;
typedef struct B { short n; unsigned a : 5; short data[]; } B;
