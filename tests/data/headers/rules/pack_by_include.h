/* Packing by include changes the pack stack across files. */
#include <pshpack2.h>
typedef struct A { char c; int i; } A;
#include <poppack.h>
typedef struct B { char c; int i; } B;
#include <pshpack1.h>
typedef struct C { char c; int i; } C;
#include <poppack.h>
