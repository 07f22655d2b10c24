/* __declspec(align(N)) on records and members. */
#if defined(_MSC_VER)
#pragma pack(push, 1)
typedef struct __declspec(align(16)) A { char a; int b; } A;
typedef struct B { char a; __declspec(align(4)) int b; char c; } B;
typedef struct C { char a; A in; } C;
#pragma pack(pop)
typedef struct D { char a; __declspec(align(8)) int b; } D;
#endif
