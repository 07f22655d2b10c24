/* An enum has the size of int, or as much as its values need; packed, the least. */
enum Small { S0, S1 = 100 };
enum Negative { N0 = -1, N1 = 70000 };
enum Large { L0 = 0x80000000u };
enum __attribute__((packed)) Packed { P0, P1 = 200 };
enum __attribute__((packed)) Packed2 { Q0 = -1, Q1 = 200 };
typedef struct A { char c; enum Small s; char d; enum Negative n; char e; enum Packed p; enum Packed2 q; enum Large l; } A;
#ifndef _MSC_VER
enum Huge { H0 = 0x100000000ll };
enum HugeNegative { M0 = -0x100000000ll };
typedef struct B { char c; enum Huge h; char d; enum HugeNegative m; } B;
#endif
