//! Compilers' flags that change layout, spelled as compilers spell them.

use std::ffi::OsString;

use anyhow::bail;
use cwire_layout::abi::Abi;

/// What a flag asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompilerFlag {
    /// `-m32`.
    M32,
    /// `-fshort-enums`, `-fno-short-enums`.
    ShortEnums(bool),
    /// `-fpack-struct`.
    PackStruct,
    /// `-fpack-struct=N`, in bytes.
    PackTo(u64),
    /// `-fsigned-char`, `-funsigned-char`.
    SignedChar(bool),
    /// `-fshort-wchar`, `-fno-short-wchar`.
    ShortWchar(bool),
    /// `-mms-bitfields`, `-mno-ms-bitfields`.
    MsBitfields(bool),
}

impl CompilerFlag {
    /// The ABI that `abi` is with this flag.
    ///
    /// # Errors
    ///
    /// The ABI has no such variant.
    pub(crate) fn apply(self, abi: Abi) -> anyhow::Result<Abi> {
        Ok(match self {
            Self::M32 => match abi.with_32_bits() {
                Some(narrow) => narrow,
                None => bail!("-m32: no 32-bit ABI is known beside {}", abi.triple()),
            },
            Self::ShortEnums(short) => abi.with_short_enums(short),
            Self::PackStruct => abi.with_packed_records(),
            Self::PackTo(pack) => abi.with_default_pack(pack),
            Self::SignedChar(signed) => abi.with_signed_char(signed),
            Self::ShortWchar(short) => abi.with_short_wchar(short),
            Self::MsBitfields(microsoft) => abi.with_ms_bit_fields(microsoft),
        })
    }
}

/// Shown below the flags of `--help`, because clap knows no long flags with one dash.
pub(crate) const HELP: &str = "\
Compiler flags that change layout, accepted wherever --abi is:
  -m32                  The 32-bit ABI of the same system
  -fshort-enums         Enums in the smallest type that holds them
  -fno-short-enums      Enums in `int`, where their values fit
  -fpack-struct         Every record is packed
  -fpack-struct=N       As #pragma pack(N) where none is; N is 1, 2, 4, 8 or 16
  -funsigned-char       Plain `char` is unsigned
  -fsigned-char         Plain `char` is signed
  -fshort-wchar         `wchar_t` has 16 bits
  -mms-bitfields        Bit-fields as Microsoft's compiler places them";

/// The hidden flag that carries them through clap.
pub(crate) const CARRIER: &str = "compiler-flag";

/// The command line with the compilers' flags in a form that clap understands.
///
/// What follows `--` is no flag and stays as it is.
///
/// # Errors
///
/// A flag begins as a compiler's and is not one of those above.
pub(crate) fn made_readable(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Vec<OsString>, String> {
    let mut only_operands = false;
    let readable = |arg: OsString| {
        only_operands |= arg == "--";
        match arg.to_str() {
            Some(text) if !only_operands && looks_like_one(text) => {
                parse(text).map(|_| format!("--{CARRIER}={text}").into())
            }
            _ => Ok(arg),
        }
    };
    args.into_iter().map(readable).collect()
}

/// `-f…` and `-m…`: cwire has no flags of its own that begin so, and a misspelt one deserves a better
/// message than one about `-f`.
fn looks_like_one(arg: &str) -> bool {
    arg.len() > 2 && (arg.starts_with("-f") || arg.starts_with("-m"))
}

/// Reads one flag.
pub(crate) fn parse(text: &str) -> Result<CompilerFlag, String> {
    Ok(match text {
        "-m32" => CompilerFlag::M32,
        "-fshort-enums" => CompilerFlag::ShortEnums(true),
        "-fno-short-enums" => CompilerFlag::ShortEnums(false),
        "-fpack-struct" => CompilerFlag::PackStruct,
        "-fsigned-char" | "-fno-unsigned-char" => CompilerFlag::SignedChar(true),
        "-funsigned-char" | "-fno-signed-char" => CompilerFlag::SignedChar(false),
        "-fshort-wchar" => CompilerFlag::ShortWchar(true),
        "-fno-short-wchar" => CompilerFlag::ShortWchar(false),
        "-mms-bitfields" => CompilerFlag::MsBitfields(true),
        "-mno-ms-bitfields" => CompilerFlag::MsBitfields(false),
        _ => match text.strip_prefix("-fpack-struct=") {
            Some(size) => CompilerFlag::PackTo(pack_size(size)?),
            None => return Err(format!("not a flag that changes layout: `{text}`\n\n{HELP}")),
        },
    })
}

fn pack_size(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(size @ (1 | 2 | 4 | 8 | 16)) => Ok(size),
        _ => Err(format!("-fpack-struct needs 1, 2, 4, 8 or 16, found `{text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readable(args: &[&str]) -> Result<Vec<OsString>, String> {
        made_readable(args.iter().map(OsString::from))
    }

    #[test]
    fn flags_of_compilers_travel_through_clap() {
        let args =
            readable(&["cwire", "layout", "-m32", "x.h", "-fpack-struct=2", "--format", "json"]);
        assert_eq!(
            args.unwrap(),
            [
                "cwire",
                "layout",
                "--compiler-flag=-m32",
                "x.h",
                "--compiler-flag=-fpack-struct=2",
                "--format",
                "json"
            ]
        );
        assert_eq!(readable(&["cwire", "--", "-m32"]).unwrap(), ["cwire", "--", "-m32"]);
    }

    #[test]
    fn what_begins_like_one_and_is_none_is_refused_with_the_list() {
        let error = readable(&["cwire", "-fshort-enum"]).unwrap_err();
        assert!(error.starts_with("not a flag that changes layout: `-fshort-enum`"), "{error}");
        assert!(error.contains("-fshort-enums"), "{error}");
        assert_eq!(
            parse("-fpack-struct=3"),
            Err("-fpack-struct needs 1, 2, 4, 8 or 16, found `3`".to_owned())
        );
    }

    #[test]
    fn every_flag_that_help_names_is_one() {
        let flags = HELP.lines().filter_map(|line| line.split_whitespace().next());
        let flags: Vec<_> = flags.filter(|flag| flag.starts_with('-')).collect();
        assert_eq!(flags.len(), 9);
        for flag in flags {
            assert!(parse(&flag.replace("=N", "=4")).is_ok(), "{flag}");
        }
    }
}
