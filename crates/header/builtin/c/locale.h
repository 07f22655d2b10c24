#ifndef _LOCALE_H
#define _LOCALE_H
#include <sys/types.h>
#endif
