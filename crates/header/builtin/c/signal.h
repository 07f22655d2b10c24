#ifndef _SIGNAL_H
#define _SIGNAL_H
#include <sys/types.h>
typedef int sig_atomic_t;
#ifdef __linux__
typedef struct {
  unsigned long __val[1024 / (8 * sizeof(unsigned long))];
} sigset_t;
#elif defined(__APPLE__)
typedef unsigned int sigset_t;
#elif !defined(_WIN32)
typedef unsigned long sigset_t;
#endif
#endif
