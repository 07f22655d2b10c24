/* _Float16 has 2 bytes where it exists. */
#if defined(__x86_64__) || defined(__aarch64__)
typedef struct A { char c; _Float16 f; char d; } A;
#endif
