/* Bit-fields that compilers place differently. */
struct mixed {
    char a : 4;
    int b : 4;
    unsigned : 3;
    unsigned short c : 9;
    int : 0;
    unsigned char d : 1;
    long long e : 40;
};

struct flags {
    unsigned fin : 1, syn : 1, rst : 1, psh : 1;
    unsigned window : 28;
};
