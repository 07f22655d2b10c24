// gcc packs no reference, and then the record is none that is packed. Clang packs both.
#ifndef _MSC_VER
struct A { char c; int &r; } __attribute__((packed));
struct B { A a; } __attribute__((packed));
struct C { int &r; } __attribute__((packed, aligned(4)));
struct D { char c; C inner; } __attribute__((packed));
#endif
