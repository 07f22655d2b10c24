#ifndef _SYS_TIME_H
#define _SYS_TIME_H
#include <sys/types.h>
struct timeval {
#ifdef _WIN32
  long tv_sec;
  long tv_usec;
#else
  time_t tv_sec;
#if defined(_TIME_BITS) && _TIME_BITS == 64
  __INT64_TYPE__ tv_usec;
#else
  suseconds_t tv_usec;
#endif
#endif
};
struct timezone {
  int tz_minuteswest;
  int tz_dsttime;
};
struct itimerval {
  struct timeval it_interval;
  struct timeval it_value;
};
#endif
