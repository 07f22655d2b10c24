/* _Atomic raises the alignment of what an instruction can hold. */
typedef struct A { char c; _Atomic long long l; char d; _Atomic int i; } A;
