//! Text to tokens without directives and macros (C11 6.10, C++20 cpp).
//!
//! ```text
//! main.h ──lex──┐ #include           ┌ expand ┐ ┌ pragma ┐
//! a.h ────lex───┼─────── directive ──┤        ├─┤        ├── tokens
//! <stdint.h> ───┘ #if #define        └ macros ┘ └────────┘
//! ```
//!
//! Behaves as the preprocessor of the ABI's compiler (gcc, clang for Apple, cl.exe for MSVC), whose
//! macros it predefines: what that compiler refuses is refused here, what it merely warns of is let
//! pass.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cwire_layout::abi::Abi;

use crate::error::{HeaderError, HeaderErrorKind};
use crate::lex::Lexer;
use crate::source::{Files, Loc, Origin, Sources, Text};
use crate::token::{Interner, Punct, Symbol, Token, TokenKind, kw};
use crate::{Lang, Limits, MacroFlag, Options};

mod attributes;
mod builtin;
mod condition;
mod directive;
mod expand;
mod files;
pub mod fuzz;
mod literal;
mod macros;
mod pragma;
mod predefined;
#[cfg(test)]
mod tests;

use files::{Cache, FileId};
use macros::{MacroKind, Macros};

/// A header after preprocessing.
#[derive(Debug)]
pub struct Preprocessed {
    /// What is left for the parser: no directives, no macros; pragmas in their place. The last one
    /// is [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// The texts that were read.
    pub sources: Sources,
    /// The spellings of the tokens.
    pub symbols: Interner,
    macros: Macros,
    abi: Abi,
    lang: Lang,
    limits: Limits,
}

/// An object-like macro at the end of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMacro {
    /// Its name.
    pub name: Symbol,
    /// Where it is defined.
    pub loc: Loc,
    /// Its replacement list, as written.
    pub body: Vec<Token>,
}

/// Reads a header and all that it includes, and replaces its macros.
///
/// # Errors
///
/// A file is missing, a directive or macro is malformed, `#error` was reached, or one of
/// [`Limits`] was.
pub fn preprocess(
    files: &dyn Files,
    path: &Path,
    options: &Options,
    lang: Lang,
) -> Result<Preprocessed, HeaderError> {
    let mut this = Preprocessor::new(files, options, lang, Interner::new());
    this.predefine(&options.macros)?;
    let main = match this.files.open(path, Origin::Main) {
        Ok(Some(main)) => main,
        Ok(None) => {
            let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
            return Err(HeaderError::unreadable(path, &missing));
        }
        Err(error) => return Err(HeaderError::unreadable(path, &error)),
    };
    if let Some(file) = this.files.get(main) {
        this.main_file = file.text.name.clone();
    }
    this.enter_file(main, None, None)?;
    this.run()?;
    Ok(Preprocessed {
        tokens: this.out,
        sources: this.sources,
        symbols: this.names,
        macros: this.macros,
        abi: options.abi,
        lang,
        limits: options.limits,
    })
}

impl Preprocessed {
    /// The object-like macros that are defined at the end of the header, predefined ones left out,
    /// in the order of their definitions.
    #[must_use]
    pub fn object_macros(&self) -> Vec<ObjectMacro> {
        let written = |loc| self.sources.origin(loc) != Origin::Predefined;
        self.macros
            .objects()
            .filter(|definition| written(definition.loc))
            .map(|definition| ObjectMacro {
                name: definition.name,
                loc: definition.loc,
                body: definition.body.iter().map(|part| part.token).collect(),
            })
            .collect()
    }

    /// Whether a macro of this name is defined at the end of the header.
    #[must_use]
    pub fn is_defined(&self, name: &str) -> bool {
        self.symbols.get(name).is_some_and(|name| self.macros.get(name).is_some())
    }

    /// What `text` becomes where it stands at the end of the header: a macro's name, a use of a
    /// function-like macro, or any other tokens. Without a [`TokenKind::End`].
    ///
    /// # Errors
    ///
    /// The text is not made of tokens, or a macro in it is misused.
    pub fn expand(&mut self, text: &str) -> Result<Vec<Token>, HeaderError> {
        let options = Options { limits: self.limits, ..Options::new(self.abi) };
        let names = std::mem::replace(&mut self.symbols, Interner::hollow());
        let mut this = Preprocessor::new(&NoFiles, &options, self.lang, names);
        std::mem::swap(&mut this.macros, &mut self.macros);
        std::mem::swap(&mut this.sources, &mut self.sources);
        let result = this.run_text("<expression>", text);
        self.symbols = this.names;
        self.macros = this.macros;
        self.sources = this.sources;
        self.macros.enable_all();
        result.map(|()| {
            this.out.pop();
            this.out
        })
    }
}

/// There are none.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A text that is being read.
struct Frame {
    lexer: Lexer,
    file: Option<FileId>,
    /// Number of the folder where it was found.
    dir: Option<usize>,
    conditions: Vec<Condition>,
    guard: Guard,
    /// What `#line` said: lines to add, and the name.
    line_offset: i64,
    presumed_name: Option<Arc<str>>,
}

/// An `#if` whose `#endif` has not come yet.
struct Condition {
    loc: Loc,
    /// A group of it was read: the others are skipped.
    taken: bool,
    had_else: bool,
    /// It may be the include guard of its file.
    guards: bool,
}

/// What is known about an include guard around a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    /// Nothing but white space so far.
    Begin,
    /// Inside `#ifndef NAME`.
    Inside(Symbol),
    /// After its `#endif`.
    After(Symbol),
    /// There is none.
    No,
}

/// The state of a run.
struct Preprocessor<'a> {
    names: Interner,
    sources: Sources,
    macros: Macros,
    files: Cache<'a>,
    frames: Vec<Frame>,
    limits: Limits,
    abi: Abi,
    lang: Lang,
    /// Whether it stands in for cl.exe; `is_clang`: for clang.
    is_msvc: bool,
    is_clang: bool,
    out: Vec<Token>,

    contexts: Vec<expand::Context>,
    /// Contexts below this one belong to somebody else; above 0, the text does, too.
    floor: usize,
    list_depth: usize,
    list_end: Loc,
    /// White space before a replacement that turned out empty.
    pending_space: bool,
    /// Whether the arguments of a macro are being collected.
    collecting: bool,
    budget: usize,
    text_left: usize,
    counter: u64,
    main_file: Arc<str>,
}

/// What including a file costs beside its length: nobody can include an empty one for ever.
const BYTES_PER_INCLUDE: usize = 1024;

impl<'a> Preprocessor<'a> {
    fn new(files: &'a dyn Files, options: &'a Options, lang: Lang, names: Interner) -> Self {
        let target = predefined::Compiler::of(&options.abi);
        let built_in = builtin::Available::new(&options.abi, lang);
        Self {
            names,
            sources: Sources::default(),
            macros: Macros::default(),
            files: Cache::new(files, &options.include_dirs, built_in),
            frames: Vec::new(),
            limits: options.limits,
            abi: options.abi,
            lang,
            is_msvc: target == predefined::Compiler::Msvc,
            is_clang: target == predefined::Compiler::AppleClang,
            out: Vec::new(),
            contexts: Vec::new(),
            floor: 0,
            list_depth: 0,
            list_end: Loc(0),
            pending_space: false,
            collecting: false,
            budget: options.limits.expansion_tokens,
            text_left: options.limits.text_bytes,
            counter: 0,
            main_file: "".into(),
        }
    }

    fn error(&self, kind: HeaderErrorKind, loc: Loc, message: impl Into<String>) -> HeaderError {
        HeaderError::new(&self.sources, loc, message).with_kind(kind)
    }

    fn malformed(&self, loc: Loc, message: impl Into<String>) -> HeaderError {
        self.error(HeaderErrorKind::Preprocessing, loc, message)
    }

    /// Defines the macros of the ABI's compiler, then those of the command line.
    fn predefine(&mut self, flags: &[MacroFlag]) -> Result<(), HeaderError> {
        for name in predefined::dynamic(&self.abi, self.lang) {
            self.macros.define(macros::Macro {
                name,
                kind: MacroKind::Dynamic,
                body: Vec::new(),
                composed: false,
                loc: Loc(0),
            });
        }
        let text = predefined::text(&self.abi, self.lang);
        self.run_text("<built-in>", &text)?;
        let mut text = String::new();
        for flag in flags {
            // One line each: a line break in a value would begin another directive.
            let line = match flag {
                MacroFlag::Define { name, value } => format!("#define {name} {value}"),
                MacroFlag::Undef(name) => format!("#undef {name}"),
            };
            text.push_str(&line.replace(['\n', '\r'], " "));
            text.push('\n');
        }
        self.run_text("<command line>", &text)?;
        self.out.clear();
        Ok(())
    }

    fn run_text(&mut self, name: &str, text: &str) -> Result<(), HeaderError> {
        let text = Arc::new(Text::new(name, text.into()));
        let base = self.add_source(text.clone(), None, Origin::Predefined)?;
        self.frames.push(Frame::new(Lexer::new(text, base), None, None));
        self.run()
    }

    /// Accounts for a text and gives it positions.
    fn add_source(
        &mut self,
        text: Arc<Text>,
        at: Option<Loc>,
        origin: Origin,
    ) -> Result<Loc, HeaderError> {
        let len = text.text.len();
        let cost = if at.is_some() { len.saturating_add(BYTES_PER_INCLUDE) } else { len };
        let left = self.text_left.checked_sub(cost);
        // What macros expand to may grow with the text.
        self.budget = self.budget.saturating_add(len);
        let base = left.and_then(|_| self.sources.add(text.clone(), at, origin));
        let (Some(left), Some(base)) = (left, base) else {
            let limit = self.limits.text_bytes;
            let message =
                format!("a header and what it includes have at most {limit} bytes, found more");
            return Err(match at {
                Some(at) => self.error(HeaderErrorKind::Limit, at, message),
                None => HeaderError::whole_file(&text.name, message, HeaderErrorKind::Limit),
            });
        };
        self.text_left = left;
        Ok(base)
    }

    /// Begins to read a file, included at `at`.
    fn enter_file(
        &mut self,
        id: FileId,
        at: Option<Loc>,
        dir: Option<usize>,
    ) -> Result<(), HeaderError> {
        let Some(file) = self.files.get_mut(id) else { return Ok(()) };
        file.entered = true;
        let (text, origin) = (file.text.clone(), file.origin);
        let base = self.add_source(text.clone(), at, origin)?;
        self.frames.push(Frame::new(Lexer::new(text, base), Some(id), dir));
        Ok(())
    }

    /// Reads to the end of the text.
    fn run(&mut self) -> Result<(), HeaderError> {
        loop {
            let token = self.next_expanded()?;
            match token.kind {
                TokenKind::Ident => self.put_ident(token)?,
                TokenKind::Other => self.put_other(token)?,
                TokenKind::End => break,
                _ => self.out.push(token),
            }
        }
        let end = Token::new(
            TokenKind::End,
            kw::EMPTY,
            self.frames.last().map_or(Loc(0), |frame| frame.lexer.loc()),
        );
        self.leave_file()?;
        self.out.push(end);
        Ok(())
    }

    fn put_ident(&mut self, token: Token) -> Result<(), HeaderError> {
        match token.text {
            kw::PRAGMA_OPERATOR => return self.pragma_operator(token),
            kw::PRAGMA_MSVC | kw::PRAGMA_MSVC2 if self.is_msvc => return self.msvc_pragma(token),
            _ => {}
        }
        let operator = if self.lang == Lang::Cxx { alternative(token.text) } else { None };
        match operator {
            Some(punct) => {
                self.out.push(Token {
                    kind: TokenKind::Punct(punct),
                    text: punct.symbol(),
                    ..token
                });
            }
            None => self.out.push(token),
        }
        Ok(())
    }

    fn put_other(&mut self, token: Token) -> Result<(), HeaderError> {
        let spelling = self.names.text(token.text);
        if spelling.len() > 1 || spelling == "\"" || spelling == "'" {
            return Err(self.unterminated(token));
        }
        self.out.push(token);
        Ok(())
    }

    /// The error for a literal that its line does not close.
    fn unterminated(&self, token: Token) -> HeaderError {
        let spelling = self.names.text(token.text);
        let quote = spelling.find(['"', '\'']).and_then(|at| spelling.get(at..=at)).unwrap_or("\"");
        let message = if spelling.split('"').next().is_some_and(|prefix| prefix.ends_with('R')) {
            "expected the closing delimiter of the raw string, found the end of the file".to_owned()
        } else {
            format!("expected the closing `{quote}`, found the end of the line")
        };
        self.error(HeaderErrorKind::Lexical, token.loc, message)
    }

    /// The next token of the text, directives carried out.
    #[inline]
    fn next_of_file(&mut self) -> Result<Token, HeaderError> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(Token::new(TokenKind::End, kw::EMPTY, Loc(0)));
            };
            let token = frame.lexer.next(&mut self.names);
            if token.line_start && token.is(Punct::Hash) {
                self.directive(token)?;
                continue;
            }
            if token.kind == TokenKind::End {
                // Arguments of a macro do not go on in the file that includes this one.
                if self.collecting || self.frames.len() == 1 {
                    return Ok(token);
                }
                self.leave_file()?;
                continue;
            }
            if frame.conditions.is_empty() {
                frame.guard = Guard::No;
            }
            return Ok(token);
        }
    }

    /// Ends a text: every `#if` and comment in it must have ended.
    fn leave_file(&mut self) -> Result<(), HeaderError> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if let Some(loc) = frame.lexer.open_comment() {
            let message = "expected `*/` to close the comment, found the end of the file";
            return Err(self.error(HeaderErrorKind::Lexical, loc, message));
        }
        if let Some(condition) = frame.conditions.last() {
            let message = "expected `#endif` for this condition, found the end of the file";
            return Err(self.malformed(condition.loc, message));
        }
        if let (Guard::After(name), Some(file)) = (frame.guard, frame.file)
            && let Some(file) = self.files.get_mut(file)
        {
            file.guard = Some(name);
        }
        Ok(())
    }

    fn presumed_line(&self, loc: Loc) -> i64 {
        let offset = self.frames.last().map_or(0, |frame| frame.line_offset);
        i64::from(self.sources.line(loc)) + offset
    }

    fn presumed_file(&self, loc: Loc) -> Arc<str> {
        let presumed = self.frames.last().and_then(|frame| frame.presumed_name.clone());
        presumed.unwrap_or_else(|| self.sources.file(loc))
    }

    /// The folders where `#include "…"` looks first: that of the file itself, and for cl.exe those
    /// of the files that include it, innermost first (MSVC documentation, "#include directive").
    fn dirs_beside(&self) -> Vec<PathBuf> {
        let dir = |frame: &Frame| Some(self.files.get(frame.file?)?.dir.clone());
        let mut dirs = Vec::new();
        for frame in self.frames.iter().rev() {
            dirs.extend(dir(frame).filter(|dir| !dirs.contains(dir)));
            if !self.is_msvc {
                break;
            }
        }
        dirs
    }
}

impl Frame {
    fn new(lexer: Lexer, file: Option<FileId>, dir: Option<usize>) -> Self {
        Self {
            lexer,
            file,
            dir,
            conditions: Vec::new(),
            guard: Guard::Begin,
            line_offset: 0,
            presumed_name: None,
        }
    }
}

/// What an alternative token of C++ stands for (C++20 lex.digraph).
pub(crate) fn alternative(name: Symbol) -> Option<Punct> {
    Some(match name {
        kw::AND => Punct::AmpAmp,
        kw::AND_EQ => Punct::AmpEqual,
        kw::BITAND => Punct::Amp,
        kw::BITOR => Punct::Pipe,
        kw::COMPL => Punct::Tilde,
        kw::NOT => Punct::Bang,
        kw::NOT_EQ => Punct::BangEqual,
        kw::OR => Punct::PipePipe,
        kw::OR_EQ => Punct::PipeEqual,
        kw::XOR => Punct::Caret,
        kw::XOR_EQ => Punct::CaretEqual,
        _ => return None,
    })
}
