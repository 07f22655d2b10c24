#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H
#include <sys/types.h>
#endif
