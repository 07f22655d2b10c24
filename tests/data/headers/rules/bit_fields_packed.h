/* packed and #pragma pack put bit-fields next to each other, on Windows in whole units. */
typedef struct __attribute__((packed)) A { int a : 30; int b : 5; } A;
typedef struct __attribute__((packed)) B { unsigned a : 5, b : 4, c : 15; } B;
typedef struct __attribute__((packed)) C { unsigned a : 6; unsigned b : 32; } C;
typedef struct __attribute__((packed)) D { unsigned char a : 8; unsigned short b : 9; } D;
#pragma pack(push, 1)
typedef struct E { char a; int b : 17, c : 17; } E;
typedef struct F { unsigned a : 11, b : 12, c : 23; } F;
#pragma pack(pop)
#pragma pack(push, 2)
typedef struct G { _Bool m; int x : 32; } G;
typedef struct H { char a; int b : 20; char c; } H;
#pragma pack(pop)
