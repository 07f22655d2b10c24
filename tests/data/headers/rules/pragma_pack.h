/* #pragma pack in its forms; it lowers, it never raises. */
#pragma pack(2)
typedef struct A { char c; int i; double d; } A;
#pragma pack(push, 1)
typedef struct B { char c; int i; } B;
#pragma pack(push)
#pragma pack(4)
typedef struct C { char c; double d; } C;
#pragma pack(pop)
typedef struct D { char c; short s; } D;
#pragma pack(pop)
typedef struct E { char c; int i; char t; } E;
#pragma pack()
typedef struct F { char c; int i; } F;
#pragma pack(push, name, 1)
typedef struct G { char c; int i; } G;
#pragma pack(pop, name)
typedef struct H { char c; int i; } H;
#pragma pack(16)
typedef struct I { char c; int i; } I;
