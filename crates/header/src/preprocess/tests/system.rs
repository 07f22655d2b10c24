//! Real system headers, token by token against the compilers.

use std::process::Command;

use cwire_tests::tool;

use super::*;
use crate::source::Disk;

/// A compiler and the ABI that it is the truth for.
struct Compiler {
    name: &'static str,
    abi: Abi,
    lang: Lang,
}

impl Compiler {
    fn c(name: &'static str, abi: Abi) -> Self {
        Self { name, abi, lang: Lang::C }
    }

    fn language(&self) -> [&'static str; 2] {
        if self.lang == Lang::C { ["-xc", "-std=gnu17"] } else { ["-xc++", "-std=gnu++20"] }
    }

    fn command(&self) -> Option<Command> {
        tool(self.name)
    }

    /// The folders where it looks for `<…>`.
    fn include_dirs(&self) -> Vec<PathBuf> {
        let Some(mut command) = self.command() else { return Vec::new() };
        let output = command
            .args(["-E", "-v"])
            .args(self.language())
            .arg("/dev/null")
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.lines()
            .skip_while(|line| !line.starts_with("#include <...>"))
            .skip(1)
            .take_while(|line| line.starts_with(' '))
            .map(|line| PathBuf::from(line.trim()))
            .collect()
    }

    /// Its tokens; `None` if it refuses the header.
    fn tokens(&self, header: &Path) -> Option<Vec<String>> {
        let output = self
            .command()?
            .args(["-E", "-P", "-w"])
            .args(self.language())
            .arg(header)
            .output()
            .expect("it starts");
        if !output.status.success() {
            return None;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        // Used up here, printed there.
        let used_up = ["#pragma once", "#pragma push_macro", "#pragma pop_macro", "#ident"];
        let lines =
            text.lines().filter(|line| !used_up.iter().any(|start| line.starts_with(start)));
        Some(tokens_of_output(&lines.collect::<Vec<_>>().join("\n")))
    }

    /// What differs between our reading of a header and the compiler's.
    fn compare(&self, header: &Path, options: &Options) -> Option<String> {
        let ours = preprocess(&Disk, header, options, self.lang);
        match (ours, self.tokens(header)) {
            (Ok(ours), Some(theirs)) => difference(&flat(&ours), &theirs),
            (Err(error), Some(_)) => Some(format!("refused by us alone: {error}")),
            (Ok(_), None) => Some("refused by the compiler alone".to_owned()),
            (Err(_), None) => None,
        }
    }

    fn compare_all(&self, headers: &[PathBuf]) {
        let options = Options { include_dirs: self.include_dirs(), ..Options::new(self.abi) };
        let mut differences = Vec::new();
        for header in headers {
            if let Some(difference) = self.compare(header, &options) {
                differences.push(format!("{}: {difference}", header.display()));
            }
        }
        eprintln!("{}: {} headers, {} differ", self.name, headers.len(), differences.len());
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

fn headers_in(dir: &str, deep: bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut headers = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() && deep {
            headers.extend(headers_in(&path.display().to_string(), true));
        } else if path.extension().is_some_and(|extension| extension == "h") {
            headers.push(path);
        }
    }
    headers.sort();
    headers
}

#[test]
fn system_headers_become_the_tokens_that_gcc_makes_of_them() {
    let gcc = Compiler::c("gcc", Abi::X86_64_LINUX);
    if gcc.command().is_none() {
        return;
    }
    let mut headers = headers_in("/usr/include", false);
    let dirs = ["linux", "netinet", "net", "arpa", "x86_64-linux-gnu/sys", "x86_64-linux-gnu/bits"];
    for dir in dirs {
        headers.extend(headers_in(&format!("/usr/include/{dir}"), false));
    }
    assert!(headers.len() >= 200, "found {} headers", headers.len());
    gcc.compare_all(&headers);
}

#[test]
fn system_headers_of_other_machines_become_the_tokens_of_their_compilers() {
    let compilers = [
        ("aarch64-linux-gnu-gcc", Abi::AARCH64_LINUX, "aarch64-linux-gnu"),
        ("arm-linux-gnueabihf-gcc", Abi::ARM_LINUX, "arm-linux-gnueabihf"),
        ("riscv64-linux-gnu-gcc", Abi::RISCV64_LINUX, "riscv64-linux-gnu"),
        ("powerpc-linux-gnu-gcc", Abi::POWERPC_LINUX, "powerpc-linux-gnu"),
        ("powerpc64-linux-gnu-gcc", Abi::POWERPC64_LINUX, "powerpc64-linux-gnu"),
        ("powerpc64le-linux-gnu-gcc", Abi::POWERPC64LE_LINUX, "powerpc64le-linux-gnu"),
        ("s390x-linux-gnu-gcc", Abi::S390X_LINUX, "s390x-linux-gnu"),
        ("mips-linux-gnu-gcc", Abi::MIPS_LINUX, "mips-linux-gnu"),
    ];
    let names = [
        "linux/perf_event.h",
        "linux/ip.h",
        "linux/tcp.h",
        "linux/input.h",
        "linux/bpf.h",
        "elf.h",
        "utmp.h",
        "netinet/ip.h",
        "netinet/tcp.h",
        "sys/stat.h",
        "sys/socket.h",
        "signal.h",
        "time.h",
        "stdint.h",
        "inttypes.h",
        "stdio.h",
        "stdlib.h",
        "sys/ucontext.h",
        "linux/can.h",
        "net/if.h",
        "linux/ethtool.h",
        "linux/videodev2.h",
        "sys/types.h",
        "fcntl.h",
        "arpa/nameser.h",
        "limits.h",
    ];
    for (name, abi, dir) in compilers {
        let compiler = Compiler::c(name, abi);
        if compiler.command().is_some() {
            let path = |name: &&str| PathBuf::from(format!("/usr/{dir}/include/{name}"));
            let headers: Vec<_> = names.iter().map(path).filter(|path| path.exists()).collect();
            assert!(headers.len() > 20, "{name}: {} headers", headers.len());
            compiler.compare_all(&headers);
        }
    }
    let mingw = [
        ("x86_64-w64-mingw32-gcc", Abi::X86_64_WINDOWS_GNU, "x86_64-w64-mingw32"),
        ("i686-w64-mingw32-gcc", Abi::I686_WINDOWS_GNU, "i686-w64-mingw32"),
    ];
    for (name, abi, dir) in mingw {
        let compiler = Compiler::c(name, abi);
        if compiler.command().is_some() {
            let names = [
                "windows.h",
                "winsock2.h",
                "stdint.h",
                "time.h",
                "stdio.h",
                "wchar.h",
                "pshpack1.h",
            ];
            let headers: Vec<_> =
                names.map(|name| PathBuf::from(format!("/usr/{dir}/include/{name}"))).into();
            compiler.compare_all(&headers);
        }
    }
}

#[test]
fn headers_of_the_cxx_library_become_the_tokens_that_gxx_makes_of_them() {
    for (name, abi) in
        [("g++", Abi::X86_64_LINUX), ("x86_64-w64-mingw32-g++", Abi::X86_64_WINDOWS_GNU)]
    {
        let gxx = Compiler { name, abi, lang: Lang::Cxx };
        if gxx.command().is_none() {
            continue;
        }
        let dirs = gxx.include_dirs();
        let dir = dirs.iter().find(|dir| dir.join("cstdint").exists()).expect("it has its library");
        // Others show the largest `float` and the like as text, which we do not define.
        let names = ["array", "cstdint", "string", "vector", "bit", "type_traits"];
        gxx.compare_all(&names.map(|name| dir.join(name)));
    }
}

/// All of them, which takes minutes: what we refuse alone, or read otherwise, is listed.
#[test]
#[ignore = "takes minutes; run it when the preprocessor changes"]
fn all_system_headers_become_the_tokens_that_gcc_makes_of_them() {
    let gcc = Compiler::c("gcc", Abi::X86_64_LINUX);
    if gcc.command().is_some() {
        gcc.compare_all(&headers_in("/usr/include", true));
    }
}
