/* __int128 is aligned to 16, on s390x to 8. */
#ifdef __SIZEOF_INT128__
typedef struct A { char c; __int128 i; } A;
typedef struct B { char c; unsigned __int128 i[2]; char d; } B;
#endif
