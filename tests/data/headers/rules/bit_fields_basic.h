/* Bit-fields fill their unit from the end that the byte order gives; types of equal size share one on Windows. */
typedef struct A { unsigned a : 3, b : 5; } A;
typedef struct B { char a : 4; int b : 4; } B;
typedef struct C { char a; int b : 20; } C;
typedef struct D { int a; long long b : 40; } D;
typedef struct E { unsigned a : 1; unsigned short b : 16; } E;
typedef struct F { int a : 30, b : 5, c : 29; } F;
typedef struct G { int a : 4; unsigned b : 4; long c : 8; short d : 3; short e : 14; } G;
typedef struct H { unsigned long long a : 33, b : 31, c : 1; } H;
typedef struct I { char a; short b : 9; char c; } I;
