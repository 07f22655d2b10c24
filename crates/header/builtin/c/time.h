#ifndef _TIME_H
#define _TIME_H
#include <stddef.h>
#ifdef _WIN32
typedef long clock_t;
typedef long __time32_t;
typedef long long __time64_t;
#if defined(_MSC_VER) && !defined(_USE_32BIT_TIME_T) || defined(_WIN64)
typedef __time64_t time_t;
#else
typedef __time32_t time_t;
#endif
typedef int errno_t;
#elif defined(__linux__)
typedef long clock_t;
#if defined(_TIME_BITS) && _TIME_BITS == 64
typedef __INT64_TYPE__ time_t;
#else
typedef long time_t;
#endif
typedef int clockid_t;
typedef void *timer_t;
typedef int pid_t;
#elif defined(__APPLE__)
typedef unsigned long clock_t;
typedef long time_t;
typedef unsigned int clockid_t;
#else
typedef unsigned long clock_t;
typedef long long time_t;
typedef unsigned long clockid_t;
typedef unsigned long timer_t;
#endif
struct timespec {
  time_t tv_sec;
#if defined(_TIME_BITS) && _TIME_BITS == 64 && !defined(__LP64__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  int : 32;
#endif
  long tv_nsec;
#if defined(_TIME_BITS) && _TIME_BITS == 64 && !defined(__LP64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  int : 32;
#endif
};
struct itimerspec {
  struct timespec it_interval;
  struct timespec it_value;
};
struct tm {
  int tm_sec;
  int tm_min;
  int tm_hour;
  int tm_mday;
  int tm_mon;
  int tm_year;
  int tm_wday;
  int tm_yday;
  int tm_isdst;
#if defined(__linux__) || defined(__APPLE__)
  long tm_gmtoff;
#ifdef __APPLE__
  char *tm_zone;
#else
  const char *tm_zone;
#endif
#endif
};
#ifdef _WIN32
#define CLOCKS_PER_SEC 1000
#else
#define CLOCKS_PER_SEC ((clock_t)1000000)
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#endif
#endif
