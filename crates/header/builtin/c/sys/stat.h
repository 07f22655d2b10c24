#ifndef _SYS_STAT_H
#define _SYS_STAT_H
#include <sys/types.h>
#endif
