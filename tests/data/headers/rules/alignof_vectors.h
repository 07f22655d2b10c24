/* gcc's _Alignof stops at the largest alignment of the ABI, unless an attribute asks for more. */
#ifndef _MSC_VER
typedef short v32 __attribute__((vector_size(32)));
typedef v32 aligned_v32 __attribute__((aligned(32)));
struct holds { v32 v; };
struct asks { char c __attribute__((aligned(64))); };
enum { of_v32 = _Alignof(v32), of_aligned = _Alignof(aligned_v32), of_holds = _Alignof(struct holds),
       of_asks = _Alignof(struct asks), of_array = _Alignof(v32[2]), preferred = __alignof__(v32) };
struct values { char a[of_v32], b[of_aligned], c[of_holds], d[of_asks], e[of_array], f[preferred]; };
#endif
