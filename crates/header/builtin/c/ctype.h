#ifndef _CTYPE_H
#define _CTYPE_H
#include <stddef.h>
#endif
