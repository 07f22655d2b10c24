/* Members of anonymous members are members of the record around them. */
typedef struct A { char c; union { int i; char b[8]; struct { short x; double y; }; }; char d; } A;
typedef struct B { struct { char c; }; struct { int i; }; } B;
typedef struct C { char c; union { unsigned a : 4; unsigned char b; }; } C;
