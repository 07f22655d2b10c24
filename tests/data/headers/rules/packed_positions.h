/* packed counts after the keyword and after the brace; on a typedef and before the keyword it does not. */
typedef struct __attribute__((packed)) A { char c; int i; } A;
typedef struct B { char c; int i; } __attribute__((packed)) B;
typedef struct { char c; int i; } C __attribute__((packed));
typedef struct D { char c; int i __attribute__((packed)); short s; } D;
typedef struct E { char c; __attribute__((packed)) long long i; } E;
