/* gcc caps alignof at the largest alignment of the ABI, unless an attribute raised it. */
#if !defined(__powerpc__) && !defined(_MSC_VER)
typedef char V __attribute__((vector_size(32)));
typedef struct A { V v __attribute__((aligned(2))); } A;
typedef struct B { V v __attribute__((aligned(64))); } B;
typedef struct C { char a[_Alignof(A)]; char b[_Alignof(B)]; char v[_Alignof(V)]; } C;
#endif
