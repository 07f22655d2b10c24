/* gcc caps alignof at the largest alignment of the ABI, unless an attribute raised it. */
#if !defined(__powerpc__) && !defined(_MSC_VER)
typedef char V __attribute__((vector_size(32)));
typedef struct A { V v __attribute__((aligned(2))); } A;
typedef struct B { V v __attribute__((aligned(64))); } B;
typedef struct P { int i __attribute__((packed, aligned(2))); V v; } P;
typedef struct Q { int i __attribute__((aligned(2))); V v; } Q;
typedef struct R { int i __attribute__((packed)); V v; } R;
typedef struct S { char c; int i __attribute__((aligned(2))); V v; } __attribute__((packed)) S;
typedef struct C { char a[_Alignof(A)]; char b[_Alignof(B)]; char v[_Alignof(V)]; } C;
typedef struct D { char p[_Alignof(P)]; char q[_Alignof(Q)]; char r[_Alignof(R)]; char s[_Alignof(S)]; } D;
#endif
