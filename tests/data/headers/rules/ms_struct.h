/* ms_struct and gcc_struct choose the bit-field rule (gcc manual, x86 Type Attributes). */
#if (defined(__x86_64__) || defined(__i386__)) && !defined(_MSC_VER) && !defined(__APPLE__)
typedef struct __attribute__((ms_struct)) A { char a : 4; int b : 4; char c; } A;
typedef struct __attribute__((gcc_struct)) B { char a : 4; int b : 4; char c; } B;
typedef struct __attribute__((ms_struct, packed)) C { short a : 4; int b : 4; char c; } C;
typedef struct __attribute__((ms_struct)) D { long long a : 7; int b : 14; } D;
typedef struct __attribute__((ms_struct)) E { int i; double d; } E;
enum big { BIG = 0x7000000000000000ll };
typedef struct __attribute__((ms_struct)) F { enum big a : 25; } F;
typedef struct __attribute__((ms_struct)) G { enum big a[2]; } G;
enum small { SMALL };
typedef struct __attribute__((ms_struct)) H { enum small a[2]; } H;
typedef struct I { char a[__alignof__(enum small[2])]; char b[__alignof__(enum big[2])]; } I;
#endif
