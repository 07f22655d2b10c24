/* A flexible array may begin inside the tail padding. */
typedef struct A { long long a; short b; char data[]; } A;
typedef struct B { int a[4]; short b; char data[0]; } B;
