/* mode and vector_size choose the type (gcc manual, Common Variable Attributes). */
typedef int DI __attribute__((mode(DI)));
typedef unsigned QI __attribute__((mode(QI)));
typedef int HI __attribute__((mode(HI)));
typedef struct A { char c; DI d; QI q; HI h; } A;
#ifndef __powerpc__
typedef int V4 __attribute__((vector_size(16)));
typedef struct B { char c; V4 v; char d; } B;
typedef float V2 __attribute__((vector_size(8)));
typedef struct C { char c; V2 v; } C;
typedef int I2 __attribute__((vector_size(8)));
typedef struct D { char c; I2 v; } D;
typedef struct E { char c; I2 v[2]; } E;
#endif
