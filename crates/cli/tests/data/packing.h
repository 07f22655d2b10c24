/* What packing lowers, and what it does not. */
#pragma pack(push, 1)
struct asks { char a; int b __attribute__((aligned(8))); };
struct __attribute__((aligned(16))) wide { int a; };
struct holds { char a; struct wide w; };
struct crosses { char a; int b : 17, c : 17; };
#pragma pack(pop)

struct separated { char a; struct { int : 0; char b; } in; };
enum size { SMALL = 1, LARGE = 0x100000000ll };
struct sized { char a; enum size size; char rest[]; };
