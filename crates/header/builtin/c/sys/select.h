#ifndef _SYS_SELECT_H
#define _SYS_SELECT_H
#include <sys/types.h>
#endif
