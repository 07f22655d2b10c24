#ifndef _PWD_H
#define _PWD_H
#include <sys/types.h>
#endif
