#include "nowhere.h"
struct point { int x; };
