/* _Alignas and records aligned to more inside #pragma pack. */
typedef struct __attribute__((aligned(16))) In { int x; } In;
#pragma pack(push, 1)
typedef struct A { char a; _Alignas(16) int b; } A;
typedef struct B { char a; In in; } B;
typedef struct C { char a; In in[2]; char c; } C;
typedef struct D { char a; double d; _Alignas(8) char c; } D;
#pragma pack(pop)
typedef struct E { char a; B b; } E;
