//! Prints a header after preprocessing, one line per line of the text, as `gcc -E -P` does.
//!
//! ```text
//! preprocess [--abi TRIPLE] [--c++] [-I DIR]... [-D NAME[=VALUE]]... [--quiet] FILE...
//! ```
//!
//! Of several files, each is read by itself. With `--quiet` only errors are printed, and a count.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cwire_header::preprocess::{Preprocessed, preprocess};
use cwire_header::{Disk, Lang, MacroFlag, Options, TokenKind};
use cwire_layout::abi::Abi;

fn main() -> ExitCode {
    let mut options = Options::new(Abi::X86_64_LINUX);
    let mut lang = Lang::C;
    let mut quiet = false;
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().unwrap_or_default();
        match arg.as_str() {
            "--abi" => {
                let triple = value();
                let Some(abi) = Abi::ALL.into_iter().find(|abi| abi.triple() == triple) else {
                    eprintln!("unknown ABI {triple}");
                    return ExitCode::from(2);
                };
                options.abi = abi;
            }
            "--c++" => lang = Lang::Cxx,
            "--quiet" => quiet = true,
            "-I" => options.include_dirs.push(PathBuf::from(value())),
            "-D" => {
                let flag = value();
                let (name, value) = flag.split_once('=').unwrap_or((&flag, "1"));
                options.macros.push(MacroFlag::Define { name: name.into(), value: value.into() });
            }
            _ => files.push(PathBuf::from(arg)),
        }
    }
    run(&files, &options, lang, quiet)
}

fn run(files: &[PathBuf], options: &Options, lang: Lang, quiet: bool) -> ExitCode {
    let mut refused = 0;
    for file in files {
        match preprocess(&Disk, file, options, lang) {
            Ok(_) if quiet => {}
            Ok(preprocessed) => {
                if let Err(error) = print(&preprocessed) {
                    eprintln!("{error}");
                    return ExitCode::from(2);
                }
            }
            Err(error) => {
                refused += 1;
                eprintln!("{}: {error}", Path::new(file).display());
            }
        }
    }
    if quiet {
        println!("{} files, {refused} refused", files.len());
    }
    ExitCode::from(u8::from(refused > 0))
}

fn print(preprocessed: &Preprocessed) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for token in &preprocessed.tokens {
        let text = preprocessed.symbols.text(token.text);
        match token.kind {
            TokenKind::Pragma => writeln!(out, "\n#pragma {text}")?,
            _ if token.line_start => write!(out, "\n{text}")?,
            // One space more than need be, so that no two tokens become one.
            _ => write!(out, " {text}")?,
        }
    }
    writeln!(out)?;
    out.flush()
}
