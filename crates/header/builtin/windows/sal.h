#ifndef _SAL_H
#define _SAL_H
#define _In_
#define _In_opt_
#define _In_z_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define _Ret_maybenull_
#define _Success_(expression)
#define _Field_size_(size)
#define _Field_size_bytes_(size)
#define _Field_range_(low, high)
#endif
