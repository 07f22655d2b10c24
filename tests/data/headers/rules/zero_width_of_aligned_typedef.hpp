// A bit-field of width 0 whose type is aligned to more than its size.
typedef long long T __attribute__((aligned(32)));
struct A { char a; long b : 3; unsigned char c : 7; unsigned short d : 3; signed char e; unsigned char f : 6; T : 0; long g; };
