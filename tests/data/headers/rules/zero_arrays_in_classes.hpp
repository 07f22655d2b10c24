// An array of no elements makes a class that has no size and is not empty.
#ifndef _MSC_VER
struct A { int none[0]; };
struct B : A { char c; };
class C { long long none[0]; int : 0; };
struct F : A {};
struct D { A a; char c; };
#endif
