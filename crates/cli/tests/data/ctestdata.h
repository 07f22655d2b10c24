/* The record of the worked example: its 24 bytes have padding after `a` and `c`. */
struct CTestData {
    char a;
    int b;
    char c[15];
};
