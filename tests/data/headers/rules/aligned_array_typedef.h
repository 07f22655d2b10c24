/* A typedef of an array aligned to more than its elements. */
typedef unsigned char Mac[8] __attribute__((aligned(8)));
typedef struct A { char c; Mac m; char d; } A;
typedef struct B { char c; Mac m; } __attribute__((packed)) B;
typedef int Row[3] __attribute__((aligned(4)));
typedef struct C { char c; Row r[2]; } C;
