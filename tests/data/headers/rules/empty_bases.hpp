/* Empty bases take no room, but two of one type never share an address (Itanium C++ ABI 2.4). */
struct E { };
struct F { };
struct A : E { int x; };
struct B : E, F { int x; };
struct C : E { E e; };
struct D : A, E { };
struct G : E { E e[2]; int x; };
struct H : E { };
struct I : H, F { char c; };
struct J { E e; char c; };
struct K : E { A a; };
