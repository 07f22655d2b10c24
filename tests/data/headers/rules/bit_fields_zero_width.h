/* A bit-field of width 0 ends a unit; AAPCS lets it align the record. */
typedef struct A { char a; int : 0; char b; } A;
typedef struct B { char a; int : 5; char b; } B;
typedef struct C { char a; struct { int : 0; char b; } in; } C;
typedef struct __attribute__((packed)) D { int a : 3; int : 0; int b : 3; } D;
typedef struct E { int a : 3; char : 0; int b : 3; } E;
typedef struct F { char a : 3; long long : 0; char b : 3; } F;
typedef struct G { int : 0; char b; } G;
typedef struct H { short a : 3; int : 0; int : 0; short b : 3; } H;
