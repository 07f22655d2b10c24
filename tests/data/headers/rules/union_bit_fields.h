/* Unions with bit-fields: System V aligns them, MSVC does not. */
typedef union A { char c : 3; int b : 9; } A;
typedef union __attribute__((packed)) B { int b : 9; } B;
typedef struct C { union { unsigned char a; unsigned char b : 4; } u; unsigned d : 24; } C;
typedef union D { unsigned long long a : 40; char b; } D;
typedef union E { char a; int : 0; } E;
typedef union F { char a; int : 7; } F;
