#ifndef _GETOPT_H
#define _GETOPT_H
#include <sys/types.h>
#endif
