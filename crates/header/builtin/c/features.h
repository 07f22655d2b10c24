#ifndef _FEATURES_H
#define _FEATURES_H
#ifdef __linux__
#define __GLIBC__ 2
#define __GLIBC_MINOR__ 36
#define __GNU_LIBRARY__ 6
#define __GLIBC_PREREQ(major, minor) ((__GLIBC__ << 16) + __GLIBC_MINOR__ >= ((major) << 16) + (minor))
#define __GNUC_PREREQ(major, minor) ((__GNUC__ << 16) + __GNUC_MINOR__ >= ((major) << 16) + (minor))
#define __USE_MISC 1
#define __USE_POSIX 1
#endif
#include <sys/cdefs.h>
#endif
