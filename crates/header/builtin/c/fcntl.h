#ifndef _FCNTL_H
#define _FCNTL_H
#include <sys/types.h>
#endif
