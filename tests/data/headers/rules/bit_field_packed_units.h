/* Packed and aligned after a bit-field: on Windows its storage unit may end where it is not aligned. */
#if !defined _MSC_VER
#define BOTH(N) __attribute__((packed, aligned(N)))
struct AfterWhole { unsigned char a : 3; unsigned short b : 8; int c BOTH(2); } __attribute__((packed));
struct AfterOdd { _Bool a : 1; unsigned b : 24; char c BOTH(4); } __attribute__((packed));
struct AfterPart { _Bool a : 1; unsigned b : 23; char c BOTH(4); } __attribute__((packed));
struct Bits { char a; int b : 8; long long c : 58 BOTH(2); } __attribute__((packed, aligned(4)));
struct BitsInOrder { unsigned char a : 7; long long b : 40; int c : 5 BOTH(2); } __attribute__((packed));
struct Full { char a; unsigned char b : 5; int c : 24; long long d : 32 __attribute__((aligned(4))); }
    __attribute__((packed));
struct ZeroWidth { char a; int b : 24; short : 0 __attribute__((aligned(2))); char c; } __attribute__((packed));
#pragma pack(push, 1)
struct Pack1 { char a; int b : 24; char c BOTH(4); short d; };
#pragma pack(pop)
#pragma pack(push, 2)
struct Pack2 { char a; int b : 17; char c BOTH(4); int d : 16; short e BOTH(2); };
#pragma pack(pop)
struct Plain { char a : 3; char b __attribute__((aligned(2))); int c : 8; short d __attribute__((aligned(1))); };
#endif
