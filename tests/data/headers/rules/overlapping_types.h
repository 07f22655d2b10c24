/* Bit-fields of types of different size, side by side. */
typedef struct A { unsigned a : 1; unsigned short b : 16; } A;
typedef struct B { unsigned short a : 12; unsigned b : 20; unsigned char c : 7; unsigned long long d : 33; } B;
typedef struct C { char a; unsigned short b : 9; unsigned c : 24; char d; } C;
typedef struct D { union { unsigned u : 5; char c; } a; unsigned b : 24; } D;
typedef struct E { _Bool a : 1; short b : 15; int c : 1; long d : 31; } E;
