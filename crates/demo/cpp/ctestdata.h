// What sender and receiver exchange: the struct as it lies in memory.
#ifndef CTESTDATA_H
#define CTESTDATA_H

struct CTestData {
    char a;
    int b;
    char c[15];
};

#endif
