/* packed does not reach the inside of a member's own type. */
typedef struct In { char c; int i; } In;
typedef struct __attribute__((packed)) A { char a; In in; char b; } A;
typedef struct __attribute__((packed)) B { char a; union { char c; int i; } u; struct { short s; char t; } v; } B;
typedef struct __attribute__((packed)) P { char c; int i; } P;
typedef struct C { char a; P p; short s; P q[2]; } C;
