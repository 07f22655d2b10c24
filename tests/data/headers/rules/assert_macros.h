/* Macros that assert inside a record (OFP_ASSERT, BUILD_BUG_ON): widths and bounds of -1 if false. */
#define ASSERT_SIZE(t, n) typedef char t##_is_##n[sizeof(t) == (n) ? 1 : -1]
#define BUILD_ASSERT_OR_ZERO(c) (sizeof(struct { int assertion : (c) ? 1 : -1; }) - sizeof(int))
typedef struct A { int a; int b; } A;
ASSERT_SIZE(A, 8);
typedef struct B { char c[4 + BUILD_ASSERT_OR_ZERO(sizeof(A) == 8)]; } B;
_Static_assert(sizeof(A) == 8, "two words");
