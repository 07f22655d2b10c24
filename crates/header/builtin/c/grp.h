#ifndef _GRP_H
#define _GRP_H
#include <sys/types.h>
#endif
