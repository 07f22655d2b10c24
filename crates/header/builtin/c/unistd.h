#ifndef _UNISTD_H
#define _UNISTD_H
#include <sys/types.h>
#endif
