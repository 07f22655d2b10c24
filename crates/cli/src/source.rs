//! Reads what the command line names: headers, and compiled files with debug information.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cwire_debuginfo::{DebugInfo, DebugInfoError, DebugInfoErrorKind};
use cwire_header::{Disk, Files};
use cwire_layout::Types;
use cwire_layout::abi::Abi;

use crate::args::target::DEFAULT;
use crate::args::{Declarations, Target};
use crate::complaint::{counted, say};

/// What standard input is called in messages.
const STDIN: &str = "<stdin>";

/// The inputs as one ABI sees them.
pub(crate) struct Reading {
    pub(crate) abi: Abi,
    /// One per input.
    pub(crate) units: Vec<Unit>,
}

/// One input, read for one ABI.
pub(crate) struct Unit {
    input: PathBuf,
    pub(crate) types: Types,
    /// What was not as it should be but did not stop the reading.
    pub(crate) notes: Vec<String>,
    is_compiled: bool,
    /// What it was read as, for `-v`.
    form: &'static str,
}

impl Unit {
    /// Whether something declared in `file` is declared by the input itself, not by what it includes.
    ///
    /// A compiled file includes nothing: all that it says is its own.
    pub(crate) fn is_own(&self, file: &str) -> bool {
        self.is_compiled || Path::new(file) == self.input
    }
}

/// Reads every input for every ABI that is asked for, the ABIs beside each other.
///
/// # Errors
///
/// An input is missing, unreadable or malformed, or is compiled for another ABI.
pub(crate) fn read(
    inputs: &[PathBuf],
    declarations: &Declarations,
    target: &Target,
    verbose: bool,
) -> anyhow::Result<Vec<Reading>> {
    let inputs: Vec<Input> =
        inputs.iter().map(|path| Input::open(path)).collect::<anyhow::Result<_>>()?;
    // Headers get the default where none is named, a compiled file has its own.
    let abis: Vec<Option<Abi>> =
        if inputs.iter().all(|input| input.is_compiled) && !target.names_abi() {
            vec![None]
        } else {
            target.abis()?.into_iter().map(Some).collect()
        };
    let read = |abi| {
        let units = inputs.iter().map(|input| input.read(abi, declarations));
        Reading::new(abi, units.collect::<anyhow::Result<_>>()?)
    };
    let readings = on_threads(&abis, read).into_iter().zip(&abis);
    let of_abi = |(reading, abi): (anyhow::Result<Reading>, &Option<Abi>)| match (reading, abi) {
        // Which ABI is at fault matters where there are several.
        (Err(error), Some(abi)) if abis.len() > 1 => {
            Err(error.context(format!("for {}", abi.triple())))
        }
        (reading, _) => reading,
    };
    let readings = readings.map(of_abi).collect::<anyhow::Result<Vec<_>>>()?;
    if verbose {
        readings.iter().for_each(Reading::describe);
    }
    Ok(readings)
}

/// Stack of a thread that reads: declarations nest 256 deep, and debug builds need much per level.
pub(crate) const STACK: usize = 64 << 20;

/// Does `what` on a thread whose stack is enough to read headers: a header that was read does not leave
/// the thread that read it.
pub(crate) fn with_stack<T: Send>(
    what: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, what).context("starting a thread")?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// `read` of every ABI, on a thread each.
fn on_threads<T: Send>(
    abis: &[Option<Abi>],
    read: impl Fn(Option<Abi>) -> anyhow::Result<T> + Sync,
) -> Vec<anyhow::Result<T>> {
    std::thread::scope(|scope| {
        let read = &read;
        let start = |&abi: &Option<Abi>| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, move || read(abi)).context("starting a thread")
        };
        let threads: Vec<_> = abis.iter().map(start).collect();
        let end = |thread: std::thread::ScopedJoinHandle<'_, anyhow::Result<T>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(|thread| thread.and_then(end)).collect()
    })
}

impl Reading {
    /// The units as `abi` sees them, or as the one does that all of them were compiled for.
    fn new(abi: Option<Abi>, units: Vec<Unit>) -> anyhow::Result<Self> {
        let mut own = units.iter().map(|unit| *unit.types.abi());
        let Some(abi) = abi.or_else(|| own.next()) else { bail!("an input is needed") };
        for unit in &units {
            let found = unit.types.abi().triple();
            if found != abi.triple() {
                bail!(
                    "{}: compiled for {found}, and another input for {}",
                    unit.input.display(),
                    abi.triple()
                );
            }
        }
        Ok(Self { abi, units })
    }

    fn describe(&self) {
        for unit in &self.units {
            say(format_args!(
                "cwire: {}: {} for {}: {}, {}, {} not laid out",
                unit.input.display(),
                unit.form,
                self.abi.triple(),
                counted(unit.types.records().len(), "record"),
                counted(unit.types.enums().len(), "enum"),
                unit.types.refused().len(),
            ));
        }
    }
}

/// An input that exists.
struct Input {
    path: PathBuf,
    /// Its bytes, where it can be read only once.
    bytes: Option<Vec<u8>>,
    /// Whether it is a compiled file and not a header.
    is_compiled: bool,
}

impl Input {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
            let is_compiled = cwire_debuginfo::is_binary(&bytes);
            return Ok(Self { path: STDIN.into(), bytes: Some(bytes), is_compiled });
        }
        let begin = beginning(path).with_context(|| path.display().to_string())?;
        let is_compiled = begin.is_none_or(|begin| cwire_debuginfo::is_binary(&begin));
        Ok(Self { path: path.to_owned(), bytes: None, is_compiled })
    }

    fn read(&self, abi: Option<Abi>, declarations: &Declarations) -> anyhow::Result<Unit> {
        if self.is_compiled {
            return self.read_compiled(abi);
        }
        let header = cwire_header::read(self, &self.path, &header_options(abi, declarations))?;
        let form = match header.lang {
            cwire_header::Lang::C => "header in C",
            cwire_header::Lang::Cxx => "header in C++",
        };
        let (input, notes) = (self.path.clone(), Vec::new());
        Ok(Unit { input, types: header.types, notes, is_compiled: false, form })
    }

    fn read_compiled(&self, asked: Option<Abi>) -> anyhow::Result<Unit> {
        let own = self.debug_info(None);
        let info = match (own, asked) {
            (own, None) => own?,
            (Ok(own), Some(asked)) if own.types.abi().triple() == asked.triple() => own,
            // Whether a PE file is MSVC's or MinGW's is a guess, so who asks knows better; and a
            // Mach-O file may hold more than the part that is read first.
            (Ok(own), Some(asked)) if is_alike(own.types.abi(), &asked) || self.is_fat() => {
                self.debug_info(Some(asked))?
            }
            (Ok(own), Some(asked)) => bail!(
                "{}: compiled for {}, so its layouts are not those of {}",
                self.path.display(),
                own.types.abi().triple(),
                asked.triple(),
            ),
            (Err(error), Some(asked))
                if matches!(error.kind(), DebugInfoErrorKind::Machine { .. }) =>
            {
                self.debug_info(Some(asked))?
            }
            (Err(error), Some(_)) => return Err(error.into()),
        };
        let form = match info.format {
            cwire_debuginfo::Format::Dwarf => "DWARF",
            cwire_debuginfo::Format::CodeView => "CodeView",
            _ => "debug information",
        };
        let input = self.path.clone();
        Ok(Unit { input, types: info.types, notes: info.notes, is_compiled: true, form })
    }

    fn debug_info(&self, abi: Option<Abi>) -> Result<DebugInfo, DebugInfoError> {
        let options = cwire_debuginfo::Options { abi, ..Default::default() };
        match &self.bytes {
            Some(bytes) => cwire_debuginfo::read(&self.path, bytes, &options),
            None => cwire_debuginfo::read_file(&self.path, &options),
        }
    }

    /// Whether it is a Mach-O file for several architectures.
    fn is_fat(&self) -> bool {
        let begin = match &self.bytes {
            Some(bytes) => bytes.get(..4).map(<[u8]>::to_vec),
            None => {
                beginning(&self.path).ok().flatten().and_then(|it| it.get(..4).map(<[u8]>::to_vec))
            }
        };
        matches!(begin.as_deref(), Some([0xca, 0xfe, 0xba, 0xbe | 0xbf]))
    }
}

/// The first bytes of a file, enough to tell what it is; `None` for a folder, which may hold debug
/// information, too (`.dSYM`).
fn beginning(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if path.is_dir() {
        return Ok(None);
    }
    let mut begin = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut begin)?;
    Ok(Some(begin))
}

/// Whether two ABIs share byte order and the size of pointers.
fn is_alike(one: &Abi, other: &Abi) -> bool {
    (one.endian(), one.pointer_size()) == (other.endian(), other.pointer_size())
}

impl Files for Input {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.bytes {
            Some(bytes) if path == self.path => Ok(bytes.clone()),
            _ => Disk.read(path),
        }
    }
}

/// What headers declare, or a compiled file, for decoding and encoding.
pub(crate) struct Declared {
    pub(crate) types: Types,
    /// Its macros and constants; `None` for a compiled file.
    header: Option<cwire_header::Header>,
}

impl Declared {
    /// Reads what `headers` declare, in their order, as if one header included them all.
    ///
    /// # Errors
    ///
    /// A file is missing, unreadable or malformed, or compiled for another ABI; or there is a compiled
    /// one beside others.
    pub(crate) fn read(
        headers: &[PathBuf],
        declarations: &Declarations,
        abi: Option<Abi>,
        verbose: bool,
    ) -> anyhow::Result<Self> {
        let inputs: Vec<Input> =
            headers.iter().map(|path| Input::open(path)).collect::<anyhow::Result<_>>()?;
        let declared = match inputs.as_slice() {
            [] => bail!("declarations are needed: --header FILE"),
            [compiled] if compiled.is_compiled => {
                compiled.read_compiled(abi).map(|unit| Self { types: unit.types, header: None })
            }
            [header] => header.read_header(abi, declarations),
            _ => match inputs.iter().find(|input| input.is_compiled) {
                Some(compiled) => bail!(
                    "{}: headers only are needed where there are several, found a compiled file",
                    compiled.path.display()
                ),
                None => Together(&inputs).read(abi, declarations),
            },
        };
        let declared: Self = declared?;
        if verbose {
            let (records, abi) = (declared.types.records().len(), declared.types.abi().triple());
            let files: Vec<_> = headers.iter().map(|path| path.display().to_string()).collect();
            say(format_args!(
                "cwire: {}: read for {abi}: {}",
                files.join(", "),
                counted(records, "record")
            ));
        }
        Ok(declared)
    }
}

impl cwire_codec::expr::Names for Declared {
    fn constant(&mut self, name: &str) -> Result<Option<i128>, String> {
        match &mut self.header {
            Some(header) => header.constant(name).map_err(|error| {
                let text = error.to_string();
                text.lines().next().unwrap_or_default().to_owned()
            }),
            None => Ok(None),
        }
    }
}

impl Input {
    fn read_header(
        &self,
        abi: Option<Abi>,
        declarations: &Declarations,
    ) -> anyhow::Result<Declared> {
        let header = cwire_header::read(self, &self.path, &header_options(abi, declarations))?;
        Ok(Declared { types: header.types.clone(), header: Some(header) })
    }
}

/// Several headers as one that includes them.
struct Together<'a>(&'a [Input]);

/// What the one that includes them is called in messages.
const TOGETHER: &str = "<command line>";

impl Together<'_> {
    fn read(&self, abi: Option<Abi>, declarations: &Declarations) -> anyhow::Result<Declared> {
        let mut options = header_options(abi, declarations);
        let is_cxx = |input: &Input| {
            let extension = input.path.extension().and_then(|it| it.to_str());
            matches!(extension, Some("hh" | "hpp" | "hxx" | "h++" | "H"))
        };
        if options.lang.is_none() && self.0.iter().any(is_cxx) {
            options.lang = Some(cwire_header::Lang::Cxx);
        }
        let header = cwire_header::read(self, Path::new(TOGETHER), &options)?;
        Ok(Declared { types: header.types.clone(), header: Some(header) })
    }
}

impl Files for Together<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new(TOGETHER) {
            let include = |input: &Input| format!("#include \"{}\"\n", input.path.display());
            return Ok(self.0.iter().map(include).collect::<String>().into_bytes());
        }
        match self.0.iter().find(|input| input.path == path) {
            Some(input) => Files::read(input, path),
            None => Disk.read(path),
        }
    }
}

fn header_options(abi: Option<Abi>, declarations: &Declarations) -> cwire_header::Options {
    cwire_header::Options {
        lang: declarations.lang.map(Into::into),
        include_dirs: declarations.include.clone(),
        macros: declarations.macros.0.clone(),
        ..cwire_header::Options::new(abi.unwrap_or(DEFAULT))
    }
}
