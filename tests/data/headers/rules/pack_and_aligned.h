/* aligned inside #pragma pack: lowered, but on MSVC. */
#pragma pack(push, 1)
typedef struct A { char a; int b __attribute__((aligned(8))); } A;
typedef struct In { char x[16]; } __attribute__((aligned(16))) In;
typedef struct B { char a; In in; } B;
#pragma pack(pop)
