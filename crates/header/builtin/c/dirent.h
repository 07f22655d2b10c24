#ifndef _DIRENT_H
#define _DIRENT_H
#include <sys/types.h>
#endif
