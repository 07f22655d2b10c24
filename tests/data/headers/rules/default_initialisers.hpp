/* A default member initialiser makes a class no POD, so that a class derived from it uses its tail padding. */
struct A { int i = static_cast<int>(3.5); char c{'\''}; short s[2] = {1, 2}; };
struct B : A { char d = {}; };
struct C { unsigned a : 3; unsigned b : 5 = 7; char *p = nullptr; };
struct D { struct In { int x = (1, 2); char y; } in{}; char c = "};"[0]; };
struct E : D { char last = sizeof(D) > 4 ? 'a' : 'b'; };
