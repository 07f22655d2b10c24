//! Compiled expressions against a model that walks a tree.

use proptest::prelude::*;

use super::*;

/// An expression as a tree.
#[derive(Clone, Debug)]
enum Tree {
    Number(i64),
    Byte(u8),
    Moved(Box<Self>),
    Unary(&'static str, Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Choice(Box<Self>, Box<Self>, Box<Self>),
}

/// Why a tree has no value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum No {
    Bytes,
    Value,
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => format!("({number})"),
            Self::Byte(at) => format!("u8({at})"),
            Self::Moved(at) => format!("u8({})", at.text()),
            Self::Unary(op, a) => format!("({op}{})", a.text()),
            Self::Binary(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            Self::Choice(a, b, c) => format!("({} ? {} : {})", a.text(), b.text(), c.text()),
        }
    }

    fn value(&self, bytes: &[u8]) -> Result<i128, No> {
        let byte = |at: i128| {
            let at =
                usize::try_from(at).ok().filter(|&at| at < usize::MAX / 16).ok_or(No::Value)?;
            bytes.get(at).map(|&byte| i128::from(byte)).ok_or(No::Bytes)
        };
        Ok(match self {
            Self::Number(number) => i128::from(*number),
            Self::Byte(at) => byte(i128::from(*at))?,
            Self::Moved(at) => byte(at.value(bytes)?)?,
            Self::Unary("-", a) => a.value(bytes)?.checked_neg().ok_or(No::Value)?,
            Self::Unary("~", a) => !a.value(bytes)?,
            Self::Unary(_, a) => i128::from(a.value(bytes)? == 0),
            Self::Binary("&&", a, b) => i128::from(a.value(bytes)? != 0 && b.value(bytes)? != 0),
            Self::Binary("||", a, b) => i128::from(a.value(bytes)? != 0 || b.value(bytes)? != 0),
            Self::Binary(op, a, b) => {
                let (a, b) = (a.value(bytes)?, b.value(bytes)?);
                let shift = || u32::try_from(b).ok().filter(|&by| by < 128).ok_or(No::Value);
                match *op {
                    "+" => a.checked_add(b),
                    "-" => a.checked_sub(b),
                    "*" => a.checked_mul(b),
                    "/" => a.checked_div(b),
                    "%" => a.checked_rem(b),
                    // 2 to the 127th is no i128, and minus that is one.
                    "<<" => match 2i128.checked_pow(shift()?) {
                        Some(power) => a.checked_mul(power),
                        None if a == -1 => Some(i128::MIN),
                        None => (a == 0).then_some(0),
                    },
                    ">>" => Some(a >> shift()?),
                    "<" => Some((a < b).into()),
                    "<=" => Some((a <= b).into()),
                    "==" => Some((a == b).into()),
                    "!=" => Some((a != b).into()),
                    "&" => Some(a & b),
                    "^" => Some(a ^ b),
                    _ => Some(a | b),
                }
                .ok_or(No::Value)?
            }
            Self::Choice(a, b, c) => match a.value(bytes)? {
                0 => c.value(bytes)?,
                _ => b.value(bytes)?,
            },
        })
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        3 => (-3..5i64).prop_map(Tree::Number),
        1 => any::<i64>().prop_map(Tree::Number),
        4 => (0..12u8).prop_map(Tree::Byte),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let binary = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "<<", ">>", "<", "<=", "==", "!=", "&", "^", "|", "&&", "||",
        ]);
        let unary = prop::sample::select(vec!["-", "~", "!"]);
        prop_oneof![
            1 => inner.clone().prop_map(|at| Tree::Moved(Box::new(at))),
            2 => (unary, inner.clone()).prop_map(|(op, a)| Tree::Unary(op, Box::new(a))),
            6 => (binary, inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| Tree::Binary(op, Box::new(a), Box::new(b))),
            1 => (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| Tree::Choice(Box::new(a), Box::new(b), Box::new(c))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The same value, or the same want of bytes, or an error in both.
    #[test]
    fn a_compiled_expression_is_worth_what_its_tree_is(
        tree in tree(),
        bytes in prop::collection::vec(0..6u8, 0..12),
    ) {
        let types = header("struct s { int a; };", Abi::X86_64_LINUX).types;
        let text = tree.text();
        let expected = tree.value(&bytes);
        match Expr::compile(&text, &types, record(&types, "s"), Endian::Little, &mut NoNames) {
            Ok(expr) => {
                let found = match expr.value(&bytes) {
                    Ok(Some(value)) => Ok(value),
                    Ok(None) => Err(No::Bytes),
                    Err(_) => Err(No::Value),
                };
                prop_assert_eq!(found, expected, "{}", text);
                if let Some(constant) = expr.constant() {
                    prop_assert_eq!(Ok(constant), expected);
                }
            }
            // No message is that long, whether or not a branch comes to it.
            Err(error) if error.message().starts_with("needs an offset") => {}
            // What never has a value is refused.
            Err(_) => prop_assert_eq!(expected, Err(No::Value), "{}", text),
        }
    }

    /// No text makes the compiler panic or run away.
    #[test]
    fn any_text_is_an_expression_or_refused_inside_itself(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "b.c", "[", "]", "(", ")", "1", "0x", "'a'", "\"s\"", "+", "-", "?", ":", "&&", "||",
            "sizeof", "u8(", "recall(", "remaining()", "align(", ",", "int", "struct", " ", "1.5", ".",
            "é", "::", "<<", "!", "unsigned", "s", "legs[0].p", "text", "d",
        ]), 0..14),
    ) {
        let header_text = "struct leg { int p; }; struct s { int a; struct { int c; } b; double d; \
                           char text[4]; struct leg legs[2]; };";
        let types = header(header_text, Abi::X86_64_LINUX).types;
        let text = parts.concat();
        let record = record(&types, "s");
        for result in [
            Expr::compile(&text, &types, record, Endian::Big, &mut NoNames).map(|_| ()),
            Filter::compile(&text, &types, record, Endian::Big, &mut NoNames).map(|filter| {
                let _ = filter.matches(&[0x41; 60]);
                let _ = filter.matches(&[0; 5]);
            }),
        ] {
            if let Err(error) = result {
                prop_assert!(error.span().end <= text.len() && error.span().start <= error.span().end);
                prop_assert!(text.is_char_boundary(error.span().start));
            }
        }
    }
}
