// Compilers count unions without members as empty classes.
union U {};
union V { int : 0; };
#ifndef _MSC_VER
struct A { int *p; [[no_unique_address]] U u; };
struct B { int *p; [[no_unique_address]] V u; };
struct C { [[no_unique_address]] U u; U v; char c; };
#endif
