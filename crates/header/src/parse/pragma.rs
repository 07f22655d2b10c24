//! `#pragma`s that change the layout of the records after them.
//!
//! They may stand between any two tokens, and what they change holds across files. They are taken
//! out of the tokens before parsing; what is in force at a token is looked up by its index.

/// What is in force at a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// `#pragma pack` as gcc has it, in bytes; `None`: the default.
    pub(super) gcc_pack: Option<u64>,
    /// `#pragma pack` as cl.exe and clang have it.
    pub(super) msvc_pack: Option<u64>,
    /// `#pragma ms_struct`.
    pub(super) ms_struct: Option<bool>,
    /// `#pragma scalar_storage_order`: whether it is big-endian.
    pub(super) big_endian: Option<bool>,
}

/// The pragmas of a text.
#[derive(Debug, Default)]
pub(super) struct Pragmas {
    gcc: Pack,
    msvc: Pack,
    ms_struct: Option<bool>,
    big_endian: Option<bool>,
    /// From which token on a state holds; ascending.
    changes: Vec<(usize, State)>,
}

impl Pragmas {
    /// What is in force at a token.
    pub(super) fn at(&self, token: usize) -> State {
        let after = self.changes.partition_point(|&(from, _)| from <= token);
        after.checked_sub(1).and_then(|i| self.changes.get(i)).map_or_else(State::default, |c| c.1)
    }

    /// Notes a pragma that stands before the token of this index.
    pub(super) fn note(&mut self, text: &str, before: usize) {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["pack", "(", args @ .., ")"] => {
                let action = Action::parse(args);
                self.gcc.act_as_gcc(action);
                self.msvc.act_as_msvc(action);
            }
            ["ms_struct", "on"] => self.ms_struct = Some(true),
            ["ms_struct", "off"] => self.ms_struct = Some(false),
            ["ms_struct", "reset"] => self.ms_struct = None,
            ["options", "align", "=", mode] | ["align", "=", mode] => {
                self.msvc.options_align(mode);
            }
            ["scalar_storage_order", order] => {
                self.big_endian = match *order {
                    "big-endian" => Some(true),
                    "little-endian" => Some(false),
                    _ => None,
                }
            }
            _ => return,
        }
        let state = State {
            gcc_pack: self.gcc.current,
            msvc_pack: self.msvc.current,
            ms_struct: self.ms_struct,
            big_endian: self.big_endian,
        };
        if self.changes.last().is_none_or(|&(_, last)| last != state) {
            self.changes.push((before, state));
        }
    }
}

/// What a `pack(…)` asks for. An alignment of `None` is the default.
#[derive(Clone, Copy, Debug)]
enum Action<'a> {
    Set(Option<u64>),
    /// `named_last`: `push, 4, name`.
    Push {
        name: Option<&'a str>,
        pack: Option<Option<u64>>,
        named_last: bool,
    },
    Pop {
        name: Option<&'a str>,
        pack: Option<Option<u64>>,
    },
    /// Malformed, or `show`. gcc, clang and cl.exe warn and ignore it.
    Nothing,
}

impl<'a> Action<'a> {
    fn parse(args: &[&'a str]) -> Self {
        let mut args = args.split(|arg| *arg == ",").map(|arg| arg.first().copied());
        let action = args.next().flatten();
        let (mut name, mut pack, mut named_last) = (None, None, false);
        if matches!(action, Some("push" | "pop")) {
            for arg in args.flatten() {
                if !arg.starts_with(|c: char| c.is_ascii_digit()) {
                    name = Some(arg);
                    named_last = pack.is_some();
                } else if let Some(bytes) = bytes(arg) {
                    pack = Some(bytes);
                } else {
                    return Self::Nothing;
                }
            }
        }
        match action {
            None => Self::Set(None),
            Some("push") => Self::Push { name, pack, named_last },
            Some("pop") => Self::Pop { name, pack },
            Some(number) => bytes(number).map_or(Self::Nothing, Self::Set),
        }
    }
}

/// The alignment in force and those that were saved.
#[derive(Debug, Default)]
struct Pack {
    current: Option<u64>,
    /// What `push` saved, with the name it was given.
    stack: Vec<(Option<String>, Option<u64>)>,
}

impl Pack {
    /// gcc's `handle_pragma_pack`: `pop` takes no number, and pops one entry where there is none of
    /// its name.
    fn act_as_gcc(&mut self, action: Action<'_>) {
        match action {
            Action::Pop { pack: Some(_), .. } => {}
            Action::Pop { name, .. } => {
                self.pop(self.find(name).or(self.stack.len().checked_sub(1)))
            }
            _ => self.act(action),
        }
    }

    /// MS documentation of `pack`, clang's `Sema::ActOnPragmaPack`: `pop` takes a number that is
    /// in force then, and pops nothing where there is no entry of its name.
    fn act_as_msvc(&mut self, action: Action<'_>) {
        match action {
            Action::Pop { name, pack } => {
                self.pop(self.find(name));
                if let Some(pack) = pack {
                    self.current = pack;
                }
            }
            Action::Push { named_last: true, .. } => {}
            _ => self.act(action),
        }
    }

    fn act(&mut self, action: Action<'_>) {
        match action {
            Action::Set(pack) => self.current = pack,
            Action::Push { name, pack, .. } => {
                self.stack.push((name.map(str::to_owned), self.current));
                self.current = pack.unwrap_or(self.current);
            }
            Action::Pop { .. } | Action::Nothing => {}
        }
    }

    /// The entry to go back to: the last one, or the last of a name.
    fn find(&self, name: Option<&str>) -> Option<usize> {
        match name {
            None => self.stack.len().checked_sub(1),
            Some(name) => self.stack.iter().rposition(|(own, _)| own.as_deref() == Some(name)),
        }
    }

    fn pop(&mut self, entry: Option<usize>) {
        if let Some(entry) = entry
            && entry < self.stack.len()
        {
            self.current = self.stack.drain(entry..).next().and_then(|(_, pack)| pack);
        }
    }

    /// Apple's, on the same stack (clang's `Sema::ActOnPragmaOptionsAlign`).
    fn options_align(&mut self, mode: &str) {
        let pack = match mode {
            "packed" => Some(1),
            "mac68k" => Some(2),
            "native" | "natural" | "power" => None,
            "reset" => return self.pop(self.find(None)),
            _ => return,
        };
        self.stack.push((None, self.current));
        self.current = pack;
    }
}

/// Names, numbers and single marks.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut joins = false;
    for c in text.chars() {
        let part = c.is_alphanumeric() || c == '_' || c == '-';
        match words.last_mut() {
            Some(word) if part && joins => word.push(c),
            _ if c.is_whitespace() => {}
            _ => words.push(c.to_string()),
        }
        joins = part;
    }
    words
}

/// 0 is the default again, as `pack()` is. Other numbers than these are no alignment to compilers.
fn bytes(number: &str) -> Option<Option<u64>> {
    let digits = number.trim_end_matches(['u', 'U', 'l', 'L']);
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    match value {
        Ok(0) => Some(None),
        Ok(n @ (1 | 2 | 4 | 8 | 16)) => Some(Some(n)),
        _ => None,
    }
}
