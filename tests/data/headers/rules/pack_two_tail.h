/* The size of a record under #pragma pack(2) is a multiple of 2. */
#pragma pack(2)
typedef struct A { int i; char c; } A;
typedef struct B { char c[3]; } B;
typedef struct C { short s; char c; } C;
