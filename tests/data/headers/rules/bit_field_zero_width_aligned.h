/* Bit-fields of width 0 that ask for an alignment themselves. */
#if !defined _MSC_VER
#define ALIGNED __attribute__((aligned(16)))
struct Last { short a; unsigned : 0 ALIGNED; };
struct AfterMember { short a; unsigned : 0 ALIGNED; char b; };
struct AfterBits { int a : 3; unsigned : 0 ALIGNED; char b; };
struct First { unsigned : 0 ALIGNED; char a; };
struct AfterZeroWidth { short a; unsigned : 0; unsigned : 0 ALIGNED; char b; };
struct Second { int a : 3; unsigned : 0; unsigned : 0 ALIGNED; char b; };
struct Packed { char a; int b : 11; unsigned : 0 ALIGNED; char c; } __attribute__((packed));
#endif
