#ifndef _POLL_H
#define _POLL_H
#include <sys/types.h>
#endif
