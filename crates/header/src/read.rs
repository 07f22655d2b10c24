//! From a file to types: the stages in their order, and the choice of the language.

use std::path::Path;

use cwire_layout::Types;

use crate::decl::Item;
use crate::error::{HeaderError, HeaderErrorKind};
use crate::resolve::{Names, Resolver};
use crate::source::Files;
use crate::{Header, Lang, Options, parse, preprocess};

/// Extensions that are C++ and nothing else.
const CXX_EXTENSIONS: &[&str] =
    &["hh", "hpp", "hxx", "h++", "H", "cc", "cpp", "cxx", "c++", "ipp", "tcc"];

/// Reads a header in the language that the options or its name say, or else in the one that fits.
pub(crate) fn read(
    files: &dyn Files,
    path: &Path,
    options: &Options,
) -> Result<Header, HeaderError> {
    if let Some(lang) = options.lang.or_else(|| lang_of_name(path)) {
        return read_as(files, path, options, lang);
    }
    let c = read_as(files, path, options, Lang::C);
    let worth_trying = match &c {
        // `struct a {…}; struct b { a x; };` is C++ that the parser of C takes.
        Ok(header) => !header.types.refused().is_empty(),
        Err(error) => !matches!(
            error.kind(),
            HeaderErrorKind::File | HeaderErrorKind::Lexical | HeaderErrorKind::Limit
        ),
    };
    if !worth_trying {
        return c;
    }
    match (c, read_as(files, path, options, Lang::Cxx)) {
        (Err(_), Ok(cxx)) => Ok(cxx),
        (Ok(c), Ok(cxx)) if cxx.types.refused().len() < c.types.refused().len() => Ok(cxx),
        (Ok(c), _) => Ok(c),
        // Where C++ got further, the header is C++ with another mistake.
        (Err(c), Err(cxx)) if c.file() == cxx.file() && c.line() < cxx.line() => Err(cxx),
        (Err(c), Err(_)) => Err(c),
    }
}

/// The language that the name of a file says.
fn lang_of_name(path: &Path) -> Option<Lang> {
    let extension = path.extension()?.to_str()?;
    if extension == "c" {
        return Some(Lang::C);
    }
    CXX_EXTENSIONS.contains(&extension).then_some(Lang::Cxx)
}

fn read_as(
    files: &dyn Files,
    path: &Path,
    options: &Options,
    lang: Lang,
) -> Result<Header, HeaderError> {
    let mut text = preprocess::preprocess(files, path, options, lang)?;
    let tokens = std::mem::take(&mut text.tokens);
    let mut types = Types::new(options.abi);
    let mut names = Names::new(&mut text.symbols, &options.abi, lang);
    let (symbols, sources) = (&text.symbols, &text.sources);
    let mut resolver = Resolver::new(&mut types, &mut names, symbols, sources, lang);
    let resolve = |items: std::vec::Drain<'_, Item>| resolver.resolve(items);
    parse::parse_each(&tokens, symbols, sources, lang, &options.limits, resolve)?;
    Ok(Header { types, lang, names, text })
}
