#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H
#include <limits.h>
#include <sys/types.h>
#include <endian.h>
#define MAXPATHLEN PATH_MAX
#ifdef __APPLE__
#define MAXHOSTNAMELEN 256
#else
#define MAXHOSTNAMELEN 64
#endif
#define NBBY 8
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define howmany(x, y) (((x) + ((y) - 1)) / (y))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#endif
