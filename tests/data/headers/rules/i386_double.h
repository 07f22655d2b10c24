/* i386 aligns 8-byte scalars to 4 in records only (System V i386 psABI, table 2.1). */
typedef struct A { char c; double d; } A;
typedef struct B { char c; long long l; } B;
typedef struct C { char c; unsigned long long l[2]; } C;
typedef struct D { double d; char c; } D;
typedef struct E { char c; _Complex double d; } E;
