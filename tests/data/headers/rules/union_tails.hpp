// A union that is no POD leaves its tail padding to what follows a member without address of its own.
#ifndef _MSC_VER
union alignas(32) U { int i; protected: char c; };
union alignas(32) P { int i; };
struct A { [[no_unique_address]] U u; long long l; };
struct B { [[no_unique_address]] P u; long long l; };
#endif
