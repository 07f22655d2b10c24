/* An empty struct of C has no size, on MSVC 4 bytes. */
typedef struct A { } A;
typedef struct B { char c; A a; int i; } B;
typedef struct C { A a[3]; char c; } C;
typedef union D { } D;
