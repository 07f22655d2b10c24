/* Empty parts that cannot be at 0: after bit-fields, aligned, and inside #pragma pack. */
struct E { };
struct F : E { };
struct A : E { long a : 29; [[no_unique_address]] E e; };
struct B : E { signed char a, b : 3; [[no_unique_address]] E e; };
struct C : F { unsigned long long a : 41; [[no_unique_address]] E e; char c; };
struct Z { int : 0; };
struct D : Z { [[no_unique_address]] Z z; };
struct G : Z, E { [[no_unique_address]] Z z; char c; };
struct alignas(16) T : E { char c; };
struct alignas(16) Wide { };
struct Other { char c; };
#pragma pack(push, 4)
struct H : F { [[no_unique_address]] T t; };
struct I : F { char c; [[no_unique_address]] T t; };
struct J { [[no_unique_address]] T t; };
struct K : Wide, Other { };
struct L : Other, Wide { };
struct WideToo : Wide { };
struct M : Wide, WideToo { char c; };
#pragma pack(pop)
#pragma pack(push, 2)
union N { [[no_unique_address]] Wide w; };
#pragma pack(pop)
union O { [[no_unique_address]] Wide w; char c; };
