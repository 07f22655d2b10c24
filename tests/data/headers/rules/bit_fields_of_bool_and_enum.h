/* Bit-fields of _Bool and enums have the size of these types. */
enum Color { RED, GREEN, BLUE };
typedef struct A { _Bool a : 1; _Bool b : 1; int c : 3; } A;
typedef struct B { enum Color a : 2; enum Color b : 2; char c; } B;
typedef struct C { char a; enum Color b : 7; _Bool c : 1; } C;
