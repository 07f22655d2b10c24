/* A base class comes first; one with tail padding of its own keeps it. */
struct A { int i; char c; };
struct B : A { char d; };
struct C { short s; };
struct D : A, C { char e; };
class E : public B { public: int f; };
