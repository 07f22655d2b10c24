/* The type of `?:`: C promotes both sides, C++ only where their types differ. */
using u16 = unsigned short;
struct Sizes {
    char shorts[sizeof(1 ? (short)1 : (short)2)];
    char typedefs[sizeof(1 ? (u16)1 : (unsigned short)2)];
    char chars[sizeof(0 ? (char)1 : (char)2)];
    char mixed[sizeof(0 ? (char)1 : (short)2)];
    char longs[sizeof(0 ? 1 : 2L)];
    char bools[sizeof(1 ? (bool)1 : (bool)0)];
    char doubles[sizeof(1 ? 1.0f : 1.0f)];
};
