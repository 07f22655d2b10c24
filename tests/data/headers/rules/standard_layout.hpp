/* Unnamed bit-fields are no members: whether the tail of these classes is used again they do not decide. */
struct A { bool : 0; protected: long long m : 18; };
struct B { int : 3; private: long long m; char c; };
struct C { int : 3; };
struct UnnamedBase { int : 5; };
struct D : UnnamedBase { int m; char c; };
struct HasA : A { char c; };
struct HasB : B { char c; };
struct HasC : C { char c; };
struct HasD : D { char c; };
struct alignas(16) E { private: unsigned short : 3; };
class F { long : 0; public: long m : 32; };
struct G { short m; private: int n : 3; };
struct HasE : E { char c; };
struct HasF : F { int c : 27; };
struct HasG : G { char c; };
