#ifndef _SETJMP_H
#define _SETJMP_H
#include <sys/types.h>
#endif
