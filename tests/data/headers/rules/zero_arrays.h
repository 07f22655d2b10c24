/* Arrays of no elements, flexible and zero, have an alignment and no size. */
typedef struct A { char c; int data[0]; } A;
typedef struct B { char c; int data[]; } B;
typedef struct C { int n; char k; short data[]; } C;
typedef struct D { int n; char data[0]; short s; } D;
