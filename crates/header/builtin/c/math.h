#ifndef _MATH_H
#define _MATH_H
#include <sys/types.h>
#endif
