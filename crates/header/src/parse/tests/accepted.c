typedef int T; int f(T), g(T x), h(T (x)); struct s { T : 3, T2; unsigned T; };

typedef int T; void f(void) { T * x; { int T = 3; T * 2; } }

int (*(*fp)(int (*)(int), char))[3];

int f(), g(void), (*h)(), *(*i)(void);

int f(int n, int a[n][n + 1], int b[*], int c[restrict static 3]);

struct s; struct s *p; extern struct s q; struct s { struct s *next; };

enum e; enum e { A };

int a __attribute__((unused)), *b __attribute__((unused)), c[3] __attribute__((aligned(16)));

typedef int v4si __attribute__((vector_size(16))); v4si x;

typedef unsigned int u32 __attribute__((__mode__(__SI__)));

static inline int __attribute__((const)) f(int x) { return x; }

int __attribute__((noinline)) f(int x);

void __attribute__((noreturn)) (*fp)(void);

void (__attribute__((noreturn)) *fp)(void);

struct __attribute__((packed)) s { char a; int b __attribute__((aligned(2))); };

union u { int a; struct { char b, c; }; } x = { .b = 1 };

struct s { int a; int b[]; } x = { 1, { 2, 3 } };

int x[] = { [0 ... 3] = 1, [5] = 2 };

int x[2][2] = { { 1 }, [1] = { [0] = 2 } };

char s[] = "a" "b" "\x41" "c";

int *p = (int[]) { 1, 2, 3 };

_Static_assert(sizeof(int) == 4, "int"); _Static_assert(1);

struct s { _Static_assert(1, ""); int a; _Static_assert(1); };

_Alignas(16) char buf[16]; _Alignas(double) char buf2[8]; struct s { _Alignas(8) char c; };

_Noreturn void f(void); _Thread_local int t; static _Thread_local int u; extern __thread int v;

int f(a, b, c) int a; char *b; struct { int x; } c; { return a; }

int (f)(int x) { return x; }

int *(f)(int x) { return 0; }

int (*f(int x))(int) { return 0; }

typedef int F(int); F f, *g; F *h(void); struct s { F *f; };

typedef struct s { int a; } s, *ps, as[3]; ps p; as a; s x;

const struct { int a; } x; struct { int a; } const y; struct s { int a; } static z;

int typedef x; x y; long unsigned static z;

int f(void) { goto l; l: return ({ int x = 1; x + 2; }); }

int f(int x) { switch (x) { case 1 ... 5: return 1; default: return 0; } }

void f(void) { int g(int y) { return y; } g(1); }

int x = sizeof(struct { int a; }), y = sizeof(int[3]), z = sizeof x;

int x = __builtin_offsetof(struct { int a; struct { int b[3]; } c; }, c.b[1]);

int x = _Generic(1, int: 2, default: 3), y = __builtin_choose_expr(1, 2, 3);

int x = __builtin_types_compatible_p(int, const int);

__extension__ typedef long long ll; __extension__ struct { int a; } x; struct s { __extension__ union { int a; }; __extension__ int b; };

__extension__ __extension__ int x; int y = __extension__ 3;

typeof(int) a; typeof(a) b; __typeof__(a + b) *c; __typeof(int *) d; const typeof(a) e;

__auto_type x = 3;

__int128 a; unsigned __int128 b; __int128_t c; __uint128_t d;

_Float128 a; _Float64 b; _Float32 c; _Float64x d; _Float32x e; __float128 f; __float80 g; _Decimal64 h;

__builtin_va_list ap; void f(__builtin_va_list x);

struct s { int : 0; int a : 3, : 2, b : 4; unsigned char c : 1; _Bool d : 1; };

enum { A = 'a', B = 'ab', C = '\n', D = '\x7f', E = L'x', F = u'y', G = U'z', H = '\0', I = '\'' };

enum { A = 1, B = A << 2, C = (A | B) & ~1, D = A ? B : C, E = sizeof(int), F = -1 };

enum e { A __attribute__((deprecated)) = 1, B __attribute__((unused)) };

enum { A = 0x10ULL, B = 010, C = 0b11, D = 1u, E = 1lu, F = 'a' + 1, G = (int)1.5, H = (char)300 };

struct s { struct { int a; } b[2], *c; enum { X, Y } d; };

struct s { int (*f)(struct s *, int); void (*g[3])(void); int (*h)[3]; };

struct s { const char *const *volatile p; int *restrict q; };

int f(const int, volatile char *, int *restrict, int (*)(void), int [], int [3], int (*)[3]);

int f(register int x, const register char y);

typedef void (*sig)(int); sig signal(int, sig); void (*signal2(int, void (*)(int)))(int);

extern inline __attribute__((gnu_inline)) int f(void) { return 1; }

int x asm("y") __attribute__((weak)), z __asm__("w");

;;; int x;; struct s { int a;; };

int a, b, (*c), *d[2], (*e)[2]; static const int f = 3, *g = &f;

struct s { int a[sizeof(long) / sizeof(int) + 1], b[(1 ? 2 : 3)], c[((struct s *)0 == 0)]; };

struct timespec { long tv_sec; long tv_nsec; }; struct s { struct timespec a __attribute__((aligned(8))); };

typedef struct foo foo; struct foo { foo *next; }; foo f; struct bar { struct foo foo; foo *p; };

typedef int A, B; A a; B b; int A2(A), B2(B b);

int f(int (x), int (*y), int (z)[3]);

typedef int T; int f(int (T)); int g(T (T)); int h(const T), i(T[3]), j(T *), k(T (*)(T));

void f(struct s { int a; } *x);

int f(int n; int a[n], int n);

[[deprecated]] int x; [[gnu::aligned(8)]] int y [[gnu::unused]]; struct [[gnu::packed]] s { int a; };

int f(void) [[gnu::noreturn]]; void g([[maybe_unused]] int x);

struct { int a; } __attribute__((aligned(sizeof(long) * 2))) x;

struct s { int a; } __attribute__((aligned(__alignof__(long long))));

typedef char bool; bool b; struct bs { bool bool; };

typedef enum { false, true } boolean; boolean x = true;

int new, class, delete, this, template, private, public, namespace, using, operator, virtual;

int constexpr_ = 1, alignas_ = 2;

#pragma pack(push, 1)
struct s { int a; };
#pragma pack(pop)

struct s { int a;
#pragma pack(1)
 struct { int b; } c;
};

extern int a[]; extern int (*b[])(void); int a[3]; extern const int c;

int main(argc, argv) int argc; char **argv; { return 0; }

double d = 1.0e10, e = 0x1p3, f = .5f, g = 1.L, h = 1e-3; float i = 1.5F; _Float128 j = 1.0f128; double k = 1.0i;

long long a = 1LL, b = 0xffffffffffffffffULL, c = -9223372036854775807LL - 1;

int x = 1 + 2 * 3 - 4 / 2 % 3 << 1 >> 1 & 7 | 8 ^ 9, y = !1 && 2 || ~3, z = 1 < 2 == 3 > 4 != 5 <= 6;

int a; int *b = &a, **c = &b; int d = sizeof *b + sizeof **c;

struct s { int x; } a = { 1 }, *b = &a;

typedef int I; typedef I J; typedef const J K; K k; volatile K kk;

struct s { unsigned a : 1, b : 2; int : 4; unsigned long long c : 40; };

int __attribute__((__cdecl__)) f(void);

extern int printf(const char *__restrict __fmt, ...) __asm__("xprintf") __attribute__((__format__(__printf__, 1, 2)));

_Complex double a; double _Complex b; __complex__ float c; _Complex d;

asm(".section .text"); void f(void) { __asm__ volatile ("nop"); }

struct s { char a; } __attribute__((packed)) __attribute__((aligned(4))); struct t { int a; } __attribute__((packed)) *q;
