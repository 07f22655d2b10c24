/* Enumerators count on from the last one, and take constant expressions. */
enum E { A, B = 5, C, D = B << 2 | 1, F = sizeof(int) * 3, G = (unsigned char)300, H = -C, I = 1 ? 7 : 0, J = 'A' };
typedef struct S { char a[C]; char b[D]; char c[F]; int d : I; char e[G]; } S;
