struct Shape {
    virtual double area() const;
    int id;
};

namespace net {
struct Base {
    int id;
    char kind;
};

struct Derived : Base {
    char flag;
    double value;
};
}  // namespace net

struct Plain {
    int x;
};
