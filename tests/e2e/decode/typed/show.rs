//! Typed values in the form that dynamic decoding gives them, enums as numbers.

use cwire_codec::abi::{Abi, ClassRule, Scalar};
use cwire_codec::value::Value;
use cwire_codec::{
    CBool, CChar, CEnum, CLong, CPtr, CSize, CULong, CWchar, CharArray, Open, Unnamed,
};

pub(crate) trait Show: Sized {
    /// `None` for what has no name.
    fn show(&self, abi: &Abi) -> Option<Value>;

    fn show_list(list: &[Self], abi: &Abi) -> Value {
        Value::List(list.iter().filter_map(|element| element.show(abi)).collect())
    }
}

macro_rules! integers {
    ($($ty:ty: |$value:ident| $number:expr;)*) => { $(
        impl Show for $ty {
            fn show(&self, _: &Abi) -> Option<Value> {
                let $value = *self;
                Some(Value::Int(i128::from($number)))
            }
        }
    )* };
}

integers! {
    i8: |value| value;
    u8: |value| value;
    i16: |value| value;
    u16: |value| value;
    i32: |value| value;
    u32: |value| value;
    i64: |value| value;
    u64: |value| value;
    CLong: |value| value.0;
    CULong: |value| value.0;
    CSize: |value| value.0;
    CPtr: |value| value.0;
}

impl Show for f32 {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Float32(*self))
    }
}

impl Show for f64 {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Float64(*self))
    }
}

impl Show for bool {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Bool(*self))
    }
}

impl Show for CBool {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(self.get().map_or(Value::Int(self.0.into()), Value::Bool))
    }
}

impl Show for CChar {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Text(char::from(self.0).into()))
    }
}

impl<const N: usize> Show for CharArray<N> {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Text(String::from_utf8_lossy(self.text()).into_owned()))
    }
}

impl Show for CWchar {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Text(char::from_u32(self.0).unwrap_or('\u{fffd}').into()))
    }

    fn show_list(list: &[Self], abi: &Abi) -> Value {
        let units = list.iter().map(|unit| unit.0).take_while(|unit| *unit != 0);
        Value::Text(if abi.scalar(Scalar::WChar).size == 2 {
            let units = units.map(|unit| u16::try_from(unit).unwrap());
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
        } else {
            units.map(|unit| char::from_u32(unit).unwrap_or('\u{fffd}')).collect()
        })
    }
}

impl<E: CEnum> Show for Open<E> {
    fn show(&self, _: &Abi) -> Option<Value> {
        Some(Value::Int(match *self {
            Self::Known(enumerator) => enumerator.value(),
            Self::Unknown(value) => value.into(),
        }))
    }
}

impl<T> Show for Unnamed<T> {
    fn show(&self, _: &Abi) -> Option<Value> {
        None
    }
}

impl<T: Show, const N: usize> Show for [T; N] {
    fn show(&self, abi: &Abi) -> Option<Value> {
        Some(T::show_list(self, abi))
    }
}

/// A record of fields that can be shown.
macro_rules! show_record {
    ($name:ident { $($field:ident),* }) => {
        impl crate::decode::typed::show::Show for $name {
            fn show(
                &self,
                abi: &cwire_codec::abi::Abi,
            ) -> Option<cwire_codec::value::Value> {
                let mut members: Vec<(Box<str>, cwire_codec::value::Value)> = Vec::new();
                $(
                    let value = crate::decode::typed::show::Show::show(&self.$field, abi);
                    let name = stringify!($field).trim_start_matches("r#");
                    members.extend(value.map(|value| (name.into(), value)));
                )*
                Some(cwire_codec::value::Value::Object(members))
            }
        }
    };
}
pub(crate) use show_record;

/// Enums that are members as they are, without [`Open`].
macro_rules! show_enums {
    ($($name:ident),*) => { $(
        impl crate::decode::typed::show::Show for $name {
            fn show(&self, _: &cwire_codec::abi::Abi) -> Option<cwire_codec::value::Value> {
                Some(cwire_codec::value::Value::Int(cwire_codec::CEnum::value(*self)))
            }
        }
    )* };
}
pub(crate) use show_enums;

/// Whether both hold the same. A typed record may take characters for numbers.
pub(crate) fn agree(abi: &Abi, typed: &Value, dynamic: &Value) -> bool {
    match (typed, dynamic) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((a, one), (b, other))| a == b && agree(abi, one, other))
        }
        (Value::List(a), Value::List(b)) => {
            // An array of no elements that begins in the padding at the end has some in a frame.
            (a.is_empty() || a.len() == b.len()) && a.iter().zip(b).all(|(a, b)| agree(abi, a, b))
        }
        (Value::Int(number), Value::Text(text)) => {
            // `char` taken for `int8_t` or `uint8_t`.
            let mut chars = text.chars().map(u32::from);
            chars.next().map(i128::from) == Some(number & 0xff) && chars.next().is_none()
        }
        // An enumerator above INT_MAX is negative to cl.exe; in Rust it is what was written.
        (Value::Int(a), Value::Int(b)) => {
            let wraps = abi.class_rule() == ClassRule::Msvc && *a > i128::from(i32::MAX);
            a == b || (wraps && a - b == 1 << 32)
        }
        (Value::Int(number), Value::Bool(value)) => *number == i128::from(*value),
        _ => typed == dynamic,
    }
}
