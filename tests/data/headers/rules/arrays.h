/* Arrays of arrays, and bounds from constant expressions. */
#define N 3
#define M (N * 2 + 1)
enum { K = 4 };
typedef struct A { char a[N][M]; short b[K]; int c[sizeof(short[N])]; char d[M > N ? 2 : 9]; } A;
typedef struct B { A a[2]; char b[sizeof(A) / 7]; char c[__builtin_offsetof(A, c)]; char d[_Alignof(A)]; } B;
typedef struct C { char name[sizeof("hello")]; char tail[sizeof(((A *)0)->b)]; } C;
