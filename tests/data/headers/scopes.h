/* Names in C: one space of tags, which leak out of records; typedefs; redeclarations. */
#include <stddef.h>
#include <stdint.h>

struct later;
struct uses_later { struct later *next; struct also_later *other; };
struct later { int number; struct inside { short a, b; } pair; };
struct inside_outside { struct inside copy; struct also_later { char c; } d; };
struct also_used { struct also_later e[3]; };

typedef struct twice twice;
typedef struct twice twice;
struct twice { twice *self; int value; };
typedef int number;
typedef int number;
typedef unsigned char bytes[3];
struct with_arrays { bytes a; bytes b[2]; number n; };

typedef struct { char kind; int size; } unnamed_struct, *unnamed_pointer;
typedef union { char c; double d; } unnamed_union;
typedef enum { RED, GREEN = 5, BLUE } colour;
typedef struct tagged { colour c; unnamed_struct s; unnamed_pointer p; unnamed_union u; } tagged_t;
struct stat_like { tagged_t t; enum colour_of_this { CYAN = 250, MAGENTA } hue; };
enum { BITS = 5, LENGTH = BITS * 2 + (int)sizeof(struct later), LAST = LENGTH - 1 };
enum big { BIG = 0xffffffff, BIGGER = 0x1ffffffff };
enum negative { MINUS = -1, PLUS = 0x7fffffff };
enum wide { WIDE = 0x80000000, NARROW = -1 };

struct bounds {
    char a[LENGTH], b[LAST + 1 ? 3 : 4], c[sizeof(((struct later *)0)->pair) * 2];
    unsigned bits : BITS, more : sizeof(int) * 2 - 1;
    char d[offsetof(struct later, pair.b)], e[(size_t)&((struct later *)0)->pair];
    char f[sizeof("four") - 1], g['a' - 90], h[0x10 >> 1], i[-1 > 0u ? 2 : 1], j[(int)1.9];
    char k[sizeof(struct hidden { int x; char y; })], l[(BIGGER >> 30) & 7], m[__alignof__(double)];
    struct hidden n;
};

typedef int aligned_int __attribute__((aligned(16)));
typedef long long small_ll __attribute__((aligned(2)));
typedef struct { int a; } ignored_packed __attribute__((packed));
typedef struct { char a; int b; } over_aligned __attribute__((aligned(32)));
typedef int four_ints __attribute__((vector_size(16)));
typedef unsigned wide_mode __attribute__((mode(DI)));
typedef int byte_mode __attribute__((__mode__(__QI__)));
struct attributes {
    char a; aligned_int b; char c; small_ll d; char e; ignored_packed f; char g; over_aligned h;
    four_ints i; wide_mode j; byte_mode k; char l __attribute__((aligned(8))); short m __attribute__((packed));
    __attribute__((aligned(4))) char n, o; int *p __attribute__((aligned(16))); float q __attribute__((mode(DF)));
    _Alignas(8) char r; _Alignas(double) char s;
};
struct __attribute__((packed)) packed_front { char a; int b; struct { char c; int d; } e; };
struct packed_back { char a; long long b; } __attribute__((packed, aligned(2)));
union packed_union { int a; char b[5]; } __attribute__((packed));
enum packed_enum { ONE, TWO } __attribute__((packed));
struct holds_packed { enum packed_enum a; struct packed_front b; union packed_union c; };
#pragma pack(push, 2)
struct pack_two { char a; int b; struct { char c; long long d; } e; };
#pragma pack(1)
struct pack_one { char a; int b; double c; };
#pragma pack(pop)
struct pack_none { char a; int b; };

struct anonymous {
    int a;
    union { struct { short b, c; }; int d; struct { char e; } f; };
    struct { unsigned g : 4, h : 12; };
    enum { INNER_A, INNER_B } kind;
};
struct empty_tail { int length; struct { char kind; } items[0]; char rest[]; };
union flexible_inside { struct { struct { } none; int data[]; }; int all; };
struct functions { int (*compare)(const void *, const struct functions *); void (*list[4])(int, ...); char *(*(*deep)[2])[3]; };
struct qualified { const int a; volatile char b; const char *const c; _Atomic int d; char *restrict e; };
struct types {
    _Bool a; signed char b; long long unsigned c; unsigned long d; short int unsigned e; float f; double g;
    long double h; _Complex float i; double _Complex j; wchar_t k; size_t l; ptrdiff_t m; uint_least16_t n;
    __typeof__(1 + 1ll) o; __typeof__(struct later) p; __typeof__(((struct later *)0)->pair.a) q; intmax_t r;
};
static const int entries = 3;
extern struct later table[4];
struct of_variables { char a[sizeof table], b[sizeof(table[0].pair)], c[sizeof table / sizeof *table]; };
int in_parameter(struct only_here *p, enum { PARAMETER } q);
static inline int with_body(int a) { struct local { int b; } c = { a }; return c.b; }
struct generic { char a[_Generic(1l, int: 1, long: 2, default: 3)], b[__builtin_choose_expr(1, 4, 5)]; };
_Static_assert(sizeof(struct pack_one) == 13, "packed");
