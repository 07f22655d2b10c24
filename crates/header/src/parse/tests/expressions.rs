//! Expressions and literals.

use super::describe::{c, cxx, expr};

#[test]
fn operators_bind_by_precedence() {
    assert_eq!(expr("1 + 2 * 3 - 4"), "((1 Add (2 Mul 3)) Sub 4)");
    assert_eq!(
        expr("a | b ^ c & d == e < f << g + h"),
        "(a BitOr (b BitXor (c BitAnd (d Equal (e Less (f Shl (g Add h)))))))"
    );
    assert_eq!(expr("a || b && c"), "(a Or (b And c))");
    assert_eq!(expr("a ? b : c ? d : e"), "(a ? b : (c ? d : e))");
    assert_eq!(expr("a ?: b"), "(a ?  : b)");
    assert_eq!(expr("-a + !b * ~c"), "(Minus(a) Add (Not(b) Mul Complement(c)))");
    assert_eq!(expr("(1, 2)"), "(1, 2)");
    assert_eq!(expr("a = b += c"), "(a = (b = c))");
    assert_eq!(expr("*p++ + --q"), "(Deref(PostIncrement(p)) Add PreDecrement(q))");
    assert_eq!(expr("a.b->c[1](2, 3).d"), "a.b->c[1](2, 3).d");
    assert_eq!(expr("a <=> b"), "(a Spaceship b)");
    assert_eq!(expr("not a and b"), "(Not(a) And b)");
}

#[test]
fn casts_are_told_from_parentheses_by_what_is_a_type() {
    assert_eq!(c("typedef int T; int x = (T)-1;"), "typedef T: int; x: int = cast(T, Minus(1))");
    assert_eq!(c("int T; int x = (T)-1;"), "T: int; x: int = (T Sub 1)");
    assert_eq!(c("typedef int T; int x = (T)(y);"), "typedef T: int; x: int = cast(T, y)");
    assert_eq!(c("int x = (unsigned char)(1) + 2;"), "x: int = (cast(uchar, 1) Add 2)");
    assert_eq!(
        c("int x = &((struct s *)0)->m;"),
        "x: int = AddressOf(cast(pointer to struct s, 0)->m)"
    );
    assert_eq!(c("int x = (int[]){1, 2}[0];"), "x: int = literal(array of int, {1, 2})[0]");
    assert_eq!(expr("static_cast<unsigned char>(300)"), "cast(uchar, 300)");
    assert_eq!(expr("reinterpret_cast<A<B<int>>*>(p)"), "cast(pointer to A<type B<type int>>, p)");
    assert_eq!(expr("int(3.5)"), "cast(int, 3.5 double)");
    assert_eq!(expr("int{}"), "literal(int, {})");
    assert_eq!(
        cxx("struct P {}; int x = P{1, 2}.x;"),
        "struct P {}; x: int = literal(P, {1, 2}).x"
    );
    assert_eq!(expr("unsigned(1)"), "cast(uint, 1)");
}

#[test]
fn operands_of_sizeof_are_types_or_expressions() {
    assert_eq!(c("int x = sizeof(int) * 2;"), "x: int = (sizeof(int) Mul 2)");
    assert_eq!(c("int x = sizeof(struct s[2]);"), "x: int = sizeof(array[2] of struct s)");
    assert_eq!(c("int a; int x = sizeof a + 1;"), "a: int; x: int = (sizeof a Add 1)");
    assert_eq!(c("int a; int x = sizeof(a) - 1;"), "a: int; x: int = (sizeof a Sub 1)");
    assert_eq!(
        c("int x = sizeof(((struct s *)0)->m);"),
        "x: int = sizeof cast(pointer to struct s, 0)->m"
    );
    assert_eq!(c("int x = sizeof (char){1};"), "x: int = sizeof literal(char, {1})");
    assert_eq!(
        c("int x = _Alignof(long) + __alignof__(double);"),
        "x: int = (alignof(long) Add palignof(double))"
    );
    assert_eq!(
        c("int x = __builtin_offsetof(struct s, a.b[2].c);"),
        "x: int = offsetof(struct s, .a.b[2].c)"
    );
    assert_eq!(c("int x = offsetof(struct s, a);"), "x: int = offsetof(struct s, .a)");
    assert_eq!(
        c("int x = __builtin_types_compatible_p(int, typeof(3));"),
        "x: int = __builtin_types_compatible_p(type int, type typeof(3))"
    );
    assert_eq!(
        c("int x = _Generic(1, int: 2, char *: 3, default: 4);"),
        "x: int = generic(1; int: 2, pointer to char: 3, default: 4)"
    );
    assert_eq!(c("int x = __extension__ 3 + __real__ 2;"), "x: int = (3 Add Real(2))");
}

#[test]
fn integers_have_bases_suffixes_and_separators() {
    for (text, value) in [
        ("0", "0"),
        ("010", "8#"),
        ("0x1F", "31#"),
        ("0b101", "5#"),
        ("1'000'000", "1000000"),
        ("1u", "1u"),
        ("1LU", "1ul"),
        ("1ull", "1ull"),
        ("1z", "1z"),
        ("1uz", "1uz"),
        ("3wb", "3wb"),
        ("3uwb", "3uwb"),
        ("5i64", "5i64"),
        ("0xffui8", "255ui8#"),
        ("0xffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455#"),
        ("12_km", "opaque"),
    ] {
        assert_eq!(expr(text), value, "{text}");
    }
}

#[test]
fn floats_are_decimal_or_hexadecimal() {
    for (text, value) in [
        ("1.5", "1.5 double"),
        ("1.", "1.0 double"),
        (".5f", "0.5 float"),
        ("1e3L", "1000.0 longdouble"),
        ("0x1.8p3", "12.0 double"),
        ("0x.8p-1f", "0.25 float"),
        ("1.0f128", "1.0 float128"),
        ("2.5f16", "2.5 float16"),
        ("1e-3q", "0.001 float128"),
        ("1.0_deg", "opaque"),
    ] {
        assert_eq!(expr(text), value, "{text}");
    }
}

#[test]
fn characters_are_what_gcc_makes_of_them() {
    // Values by `gcc -fdump-tree-original`, C11 6.4.4.4.
    for (text, value) in [
        ("'a'", "None'97'1"),
        ("'ab'", "None'24930'2"),
        ("'abcd'", "None'1633837924'4"),
        ("'\\0'", "None'0'1"),
        ("'\\x41'", "None'65'1"),
        ("'\\101'", "None'65'1"),
        ("'\\377'", "None'255'1"),
        ("'\\''", "None'39'1"),
        ("'\\n'", "None'10'1"),
        ("L'\\u20ac'", "L'8364'1"),
        ("u'x'", "U16'120'1"),
        ("U'\\U0001F600'", "U32'128512'1"),
        ("u8'x'", "U8'120'1"),
    ] {
        assert_eq!(expr(text), value, "{text}");
    }
}

#[test]
fn strings_are_counted_with_their_nul() {
    for (text, value) in [
        ("\"\"", "None\"1\""),
        ("\"abc\"", "None\"4\""),
        ("\"a\\0b\\x41\\101\"", "None\"6\""),
        ("\"é\"", "None\"3\""),
        ("\"\\u20ac\"", "None\"4\""),
        ("L\"ab\" \"c\"", "L\"4\""),
        ("u\"\\U0001F600\"", "U16\"3\""),
        ("R\"x(a\"b\\n)x\"", "None\"6\""),
        ("u8\"a\"", "U8\"2\""),
    ] {
        assert_eq!(expr(text), value, "{text}");
    }
}

#[test]
fn what_is_no_constant_is_opaque() {
    for text in [
        "[](int a) { return a; }",
        "[&, x = 1]<class T>(T) mutable -> int { }",
        "new int[3]",
        "throw 1",
        "typeid(int)",
        "noexcept(f())",
        "({ 1; })",
    ] {
        assert_eq!(expr(text), "opaque", "{text}");
    }
}
