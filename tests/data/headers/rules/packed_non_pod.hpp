/* packed and members that are no POD: gcc leaves those alone. */
struct N { N(); int i; short s; };
struct P { int i; short s; };
struct __attribute__((packed)) A { char c; N n; char d; int e; };
struct __attribute__((packed)) B { char c; P p; char d; };
struct B0 { char c; int i; };
struct __attribute__((packed)) C : B0 { char d; int j; };
