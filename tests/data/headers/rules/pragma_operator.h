/* _Pragma and macros of it set packing as #pragma does; pushes have names; pop may set, too. */
#define PACK(n) _Pragma("pack(push, 1)")
#define END _Pragma("pack(pop)")
PACK(1)
typedef struct A { char c; int i; } A;
END
typedef struct B { char c; int i; } B;
#pragma pack(push, outer, 2)
#pragma pack(push)
#pragma pack(1)
typedef struct C { char c; int i; } C;
#pragma pack(pop, outer)
typedef struct D { char c; int i; } D;
#pragma pack(push, 4)
#pragma pack(push, 1)
#pragma pack()
typedef struct E { char c; long long i; } E;
#pragma pack(pop)
typedef struct F { char c; long long i; } F;
#pragma pack(pop)
