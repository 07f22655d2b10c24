/* Bit-fields as wide as an integer, which say themselves how they are aligned. */
#if !defined _MSC_VER
#define ALIGNED(N) __attribute__((aligned(N)))
struct Whole64 { char a; unsigned long long b : 64 ALIGNED(2); };
struct Whole64By1 { unsigned long long b : 64 ALIGNED(1); char c; };
struct Whole64After4 { int a; unsigned long long b : 64 ALIGNED(4); };
struct Whole64After8 { int a, b; unsigned long long c : 64 ALIGNED(2); };
union Any64 { unsigned long long a : 64 ALIGNED(2); char b; };
union Plain64 { unsigned long long a : 64; char b; };
struct Whole32 { char a; unsigned b : 32 ALIGNED(2); };
struct Whole16 { char a; unsigned b : 16 ALIGNED(1); };
struct Whole8 { char a; unsigned b : 8 ALIGNED(2); };
struct Not64 { char a; unsigned long long b : 63 ALIGNED(2); };
#pragma pack(push, 2)
struct Packed64 { char a; unsigned long long b : 64 ALIGNED(8); };
#pragma pack(pop)
#endif
