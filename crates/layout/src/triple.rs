//! ABIs by the names of targets.

use crate::abi::Abi;

impl Abi {
    /// The ABI of a target triple: as rustc and clang spell it, without its vendor
    /// (`x86_64-linux-gnu`), or as GNU does (`x86_64-w64-mingw32`). `None` if it is not known.
    ///
    /// ```
    /// use cwire_layout::abi::Abi;
    ///
    /// assert_eq!(Abi::from_triple("i686-windows-msvc"), Some(Abi::I686_WINDOWS));
    /// ```
    #[must_use]
    pub fn from_triple(triple: &str) -> Option<Self> {
        let wanted = normal(triple)?;
        Self::ALL.into_iter().find(|abi| normal(abi.triple()) == Some(wanted))
    }

    /// The ABI of the machine that this runs on; musl's layouts are those of glibc. `None` if it is not
    /// known.
    #[must_use]
    pub fn native() -> Option<Self> {
        use std::env::consts::{ARCH, OS};
        let arch = match (ARCH, cfg!(target_endian = "little")) {
            ("x86", _) => "i686",
            ("powerpc64", true) => "powerpc64le",
            _ => ARCH,
        };
        let system = match OS {
            "linux" if ARCH == "arm" => "linux-gnueabihf",
            "linux" => "linux-gnu",
            "macos" => "darwin",
            "windows" if cfg!(target_env = "gnu") => "windows-gnu",
            "windows" => "windows-msvc",
            system => system,
        };
        Self::from_triple(&format!("{arch}-{system}"))
    }
}

/// Architecture and system of a triple, each by one name.
fn normal(triple: &str) -> Option<(&str, &str)> {
    let (arch, rest) = triple.split_once('-')?;
    let arch = match arch {
        "i386" | "i486" | "i586" => "i686",
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "armv6" | "armv7" | "armv7l" | "armv7a" => "arm",
        "riscv64" => "riscv64gc",
        "ppc" => "powerpc",
        "ppc64" => "powerpc64",
        "ppc64le" => "powerpc64le",
        arch => arch,
    };
    let vendors = ["unknown-", "pc-", "w64-", "apple-"];
    let system = vendors.iter().find_map(|vendor| rest.strip_prefix(vendor)).unwrap_or(rest);
    Some((arch, if system == "mingw32" { "windows-gnu" } else { system }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_are_known_in_every_spelling() {
        for abi in Abi::ALL {
            assert_eq!(Abi::from_triple(abi.triple()), Some(abi));
        }
        for (spelling, triple) in [
            ("x86_64-linux-gnu", "x86_64-unknown-linux-gnu"),
            ("i386-linux-gnu", "i686-unknown-linux-gnu"),
            ("x86_64-w64-mingw32", "x86_64-pc-windows-gnu"),
            ("i686-windows-msvc", "i686-pc-windows-msvc"),
            ("powerpc64le-linux-gnu", "powerpc64le-unknown-linux-gnu"),
            ("arm-linux-gnueabihf", "arm-unknown-linux-gnueabihf"),
            ("riscv64-linux-gnu", "riscv64gc-unknown-linux-gnu"),
            ("arm64-apple-darwin", "aarch64-apple-darwin"),
        ] {
            assert_eq!(
                Abi::from_triple(spelling).map(|abi| abi.triple()),
                Some(triple),
                "{spelling}"
            );
        }
        for wrong in
            ["", "x86_64", "x86_64-linux", "z80-unknown-linux-gnu", "x86_64-apple-linux-gnux"]
        {
            assert_eq!(Abi::from_triple(wrong), None, "{wrong}");
        }
    }

    /// The tests run on a machine whose layouts cwire claims to know.
    #[test]
    fn this_machine_is_known() {
        let native = Abi::native().expect("known");
        assert_eq!(native.pointer_size(), size_of::<usize>() as u64);
    }
}
