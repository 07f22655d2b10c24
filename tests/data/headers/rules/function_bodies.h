/* Functions, inline bodies, asm labels and statement expressions are skipped. */
extern int puts_(const char *) __asm__("puts") __attribute__((nonnull(1)));
static inline int twice(int x) { struct Local { char c[100]; } l; (void)l; return ({ int y = x; y * 2; }); }
typedef struct A { int (*handler)(struct A *, int); char c; } A;
int old_style();
static __inline__ void f(void) { if (1) { for (;;) break; } }
typedef struct B { A a; char c; } B;
