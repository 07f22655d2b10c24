//! Programs that run beside a test.

use std::io::BufRead;
use std::path::Path;
use std::process::{Child, Command};

/// A program that is ended with the test, however that ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(crate) fn wait(&mut self) {
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

/// A C++ peer of `crates/demo`, built in `folder`.
pub(crate) fn compiled(name: &str, folder: &Path) -> Option<Command> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo/cpp");
    let program = folder.join(name);
    let mut compiler = cwire_tests::tool("g++")?;
    compiler.args(["-std=c++17", "-O2", "-o"]).arg(&program);
    cwire_tests::run(compiler.arg(source.join(name).with_extension("cpp")));
    Some(Command::new(program))
}

pub(crate) fn line_with(lines: &mut impl BufRead, part: &str) -> Option<String> {
    lines.lines().map(Result::unwrap).find(|line| line.contains(part))
}
