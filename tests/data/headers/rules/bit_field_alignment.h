/* Bit-fields of types that an attribute aligned, and with an alignment of their own. */
#ifndef _MSC_VER
typedef int low __attribute__((aligned(1)));
typedef int high __attribute__((aligned(8)));
typedef signed char far __attribute__((aligned(32)));
struct whole_low { low m : 32; };
struct part_low { low m : 31; };
struct whole_high { int i; high m : 32; };
struct part_high { int i; high m : 31; };
struct whole_after { int i; high a : 8; high b : 16; };
struct far_after { long long l[2]; far m : 3; };
struct far_in { long long l[2]; char c; far m : 3; };
struct far_own { short s; long long l; far m : 3 __attribute__((aligned(4))); };
typedef short far16 __attribute__((aligned(16)));
struct far_moved { int i; _Bool b; unsigned c : 8; int d : 11; far16 m : 16 __attribute__((aligned(1))); };
struct two_far { far a : 3, b : 4; };
struct own { unsigned a : 18; long long b : 46 __attribute__((aligned(1))); };
#pragma pack(push, 4)
struct own_packed { int a : 32, b : 4; signed char c : 7 __attribute__((aligned)); };
#pragma pack(pop)
#pragma pack(push, 2)
struct both { unsigned long long a : 24; _Bool b : 1 __attribute__((aligned(8))); } __attribute__((packed, aligned(4)));
#pragma pack(pop)
#endif
