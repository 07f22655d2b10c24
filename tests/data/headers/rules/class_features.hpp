/* What needs no room is skipped: functions, statics, friends, typedefs. */
class A {
public:
    A();
    ~A();
    int get() const noexcept { return i_; }
    friend bool operator<(const A &a, const A &b) { return a.i_ < b.i_; }
    friend class B;
    using value_type = long;
    typedef char byte;
    static int s;
    operator bool() const { return i_ != 0; }
    value_type v;
    byte b;
protected:
    int i_ = 0;
private:
    mutable bool m_ : 1;
    bool n_ : 1;
};
class B final : public A { char c; int &r; };
#ifdef _MSC_VER
/* Single inheritance: an int, and a pointer. Debug information does not say so much. */
static_assert(sizeof(int A::*) == 4 && sizeof(void (A::*)()) == sizeof(void *), "");
#else
class C { char c; int A::*pm; void (A::*pf)(); };
#endif
