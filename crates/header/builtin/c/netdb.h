#ifndef _NETDB_H
#define _NETDB_H
#include <sys/types.h>
#endif
