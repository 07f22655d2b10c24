/* Enums with a fixed underlying type. */
#include <cstdint>
enum class E : std::uint8_t { A, B = 200 };
enum F : short { FA, FB };
enum class G { X };
enum class H : unsigned long long { Y };
struct S { char c; E e; F f; char d; G g; H h; E arr[3]; };
