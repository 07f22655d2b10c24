//! Records as C declares them and as Rust mirrors them, side by side, each with a value.

use cwire_codec::abi::Abi;
use cwire_codec::value::Value;
use cwire_codec::{CharArray, DecodeError, EncodeError, RecordLayout};

/// A record in both languages.
pub(crate) struct Case {
    /// Name of the struct in C.
    pub(crate) name: &'static str,
    /// Declarations in C.
    pub(crate) declaration: &'static str,
    /// Initializer of an object in C.
    pub(crate) initializer: &'static str,
    /// The Rust side, per ABI in the order of [`Abi::ALL`].
    pub(crate) rust: Vec<Mirror>,
    /// The Rust side in big-endian order on little-endian ABIs: x86-64 and i686 Linux.
    pub(crate) big: Vec<Mirror>,
}

/// The Rust side of a case under one ABI.
pub(crate) struct Mirror {
    pub(crate) abi: Abi,
    pub(crate) layout: RecordLayout,
    /// The bytes of the value.
    pub(crate) encoded: Result<Vec<u8>, EncodeError>,
    /// Values of arbitrary bytes, in the form of dynamic decoding.
    pub(crate) show: fn(&[u8]) -> Result<Value, DecodeError>,
    /// Whether these bytes are those of the value.
    pub(crate) decodes: fn(&[u8]) -> Result<bool, DecodeError>,
}

/// Defines records and the list of them.
///
/// `in C declaration, initializer; struct Name { … } = { … };`
macro_rules! cases {
    ($(
        in C $declaration:literal, $initializer:literal;
        $(#[$attr:meta])*
        struct $name:ident { $($(#[$field_attr:meta])* $field:ident: $ty:ty = $value:expr),* $(,)? }
    )*) => {
        $(
            #[derive(Debug, PartialEq, Record)]
            $(#[$attr])*
            pub(super) struct $name { $($(#[$field_attr])* pub(super) $field: $ty),* }

            impl $name {
                pub(super) fn value() -> Self {
                    Self { $($field: $value),* }
                }
            }

            crate::decode::typed::show::show_record!($name { $($field),* });
        )*

        pub(super) fn cases() -> Vec<Case> {
            vec![$(
                Case {
                    name: <$name as Record>::layout().name,
                    declaration: $declaration,
                    initializer: $initializer,
                    rust: mirrors!(
                        $name:
                        abi::X86_64Linux, abi::I686Linux, abi::Aarch64Linux, abi::ArmLinux,
                        abi::ArmNoneEabi, abi::Riscv64Linux, abi::PowerPcLinux, abi::PowerPc64Linux,
                        abi::PowerPc64LeLinux, abi::MipsLinux, abi::S390xLinux, abi::X86_64Windows,
                        abi::I686Windows, abi::Aarch64Windows, abi::X86_64WindowsGnu,
                        abi::I686WindowsGnu, abi::Aarch64Apple, abi::X86_64Apple,
                    ),
                    big: mirrors!(
                        $name: abi::Big<abi::X86_64Linux>, abi::Big<abi::I686Linux>,
                    ),
                }
            ),*]
        }
    };
}

macro_rules! mirrors {
    ($name:ident: $($abi:ty),* $(,)?) => {
        vec![$(
            Mirror {
                abi: <$abi as abi::Target>::ABI,
                layout: $name::layout_abi::<$abi>(),
                encoded: $name::value().to_vec_abi::<$abi>(),
                show: |bytes| {
                    let record = $name::decode_abi::<$abi>(bytes)?;
                    let abi = <$abi as abi::Target>::ABI;
                    Ok(crate::decode::typed::show::Show::show(&record, &abi).expect("a record has members"))
                },
                decodes: |bytes| {
                    Ok($name::decode_abi::<$abi>(bytes)? == $name::value())
                },
            }
        ),*]
    };
}

mod bits;
mod packing;
mod scalars;

/// All records.
pub(crate) fn cases() -> Vec<Case> {
    // A record comes after those that are its members.
    [scalars::cases(), bits::cases(), packing::cases()].into_iter().flatten().collect()
}

fn text<const N: usize>(text: &str) -> CharArray<N> {
    CharArray::new(text).expect("the case's text fits its array")
}
