/* Size and alignment of long double are the ABI's own. */
typedef struct A { char c; long double d; } A;
typedef struct B { long double d; char c; } B;
typedef struct C { char c; _Complex long double d; } C;
