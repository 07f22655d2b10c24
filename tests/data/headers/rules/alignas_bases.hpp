/* alignas on a base. */
struct alignas(16) A { int a; };
struct B : A { int b; };
struct alignas(8) E { };
struct C : E { char c; };
