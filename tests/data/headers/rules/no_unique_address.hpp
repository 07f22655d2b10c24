/* [[no_unique_address]] lets members share addresses and tail padding. */
struct E { };
struct F { };
struct T { T(); int i; char c; };
struct P { int i; char c; };
struct A { [[no_unique_address]] E e; int i; };
struct B { [[no_unique_address]] E e; [[no_unique_address]] E f; char c; };
struct C { [[no_unique_address]] T t; char d; };
struct D { [[no_unique_address]] P p; char d; };
struct G { [[no_unique_address]] E e; [[no_unique_address]] F f; };
struct H { int i; [[no_unique_address]] E e; };
