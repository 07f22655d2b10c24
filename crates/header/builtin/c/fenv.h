#ifndef _FENV_H
#define _FENV_H
#include <sys/types.h>
#endif
