#ifndef _TERMIOS_H
#define _TERMIOS_H
#include <sys/types.h>
#endif
