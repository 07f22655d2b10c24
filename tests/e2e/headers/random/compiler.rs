//! What the compiler makes of headers, read out of the object file that it writes.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use cwire_header::Lang;
use cwire_layout::abi::Endian;
use object::{Endian as _, Object as _, ObjectSection as _, ObjectSymbol as _};

use super::super::dwarf;
use super::super::facts::Facts;
use super::answer::{Answer, RecordAnswer, Run};
use super::generate::{Header, MemberKind};
use super::target::Target;

/// What a compiler says of a batch of headers.
pub(super) struct Answers {
    /// By the header's place in the batch; `Err`: it is refused, with this message.
    pub(super) headers: Vec<Result<Answer, String>>,
}

/// Asks the compiler; `None` where it is not installed.
pub(super) fn ask(target: &Target, lang: Lang, headers: &[Header], dir: &Path) -> Option<Answers> {
    std::fs::create_dir_all(dir).unwrap();
    for header in headers {
        let prefix = &header.prefix;
        std::fs::write(dir.join(format!("{prefix}.h")), &header.text).unwrap();
        std::fs::write(dir.join(format!("{prefix}_part.h")), &header.part).unwrap();
        std::fs::write(dir.join(format!("{prefix}_probe.h")), probe(header, lang)).unwrap();
    }
    let mut refused: HashMap<&str, String> = HashMap::new();
    let object = loop {
        let left: Vec<_> =
            headers.iter().filter(|header| !refused.contains_key(&*header.prefix)).collect();
        let (program, flags) = target.compiler(lang);
        let mut command = cwire_tests::tool(program)?;
        let (source, object) = (dir.join("batch.c"), dir.join("batch.o"));
        let mut text = String::from("#include <stddef.h>\n#include <stdint.h>\n");
        for header in &left {
            writeln!(text, "#include \"{0}.h\"\n#include \"{0}_probe.h\"", header.prefix).unwrap();
        }
        std::fs::write(&source, text).unwrap();
        let output = command.args(flags).arg(&source).arg("-o").arg(&object).output().unwrap();
        if output.status.success() {
            break std::fs::read(&object).unwrap();
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let before = refused.len();
        for line in errors.lines().filter(|line| line.contains("error: ")) {
            let file = line.split(':').next().unwrap_or_default();
            let file = Path::new(file).file_name().and_then(|f| f.to_str()).unwrap_or_default();
            let prefix = file.split(['_', '.']).next().unwrap_or_default();
            if let Some(header) = left.iter().find(|header| header.prefix == prefix) {
                refused.entry(&header.prefix).or_insert_with(|| line.to_owned());
            }
        }
        if refused.len() == before {
            // What is open at the end of a header fails after it.
            let [only] = headers else {
                panic!("{program} fails beside the headers:\n{errors}");
            };
            refused.insert(&only.prefix, errors.into_owned());
        }
    };
    let object = Object::new(&object, target.abi.endian());
    let facts = match lang {
        Lang::C => None,
        Lang::Cxx => Some(dwarf::read(&object.bytes, None)),
    };
    let answer = |header: &Header| match refused.get(&*header.prefix) {
        Some(error) => Err(error.clone()),
        None => Ok(object.answer(header, facts.as_ref())),
    };
    Some(Answers { headers: headers.iter().map(answer).collect() })
}

/// Constants that say where everything is.
fn probe(header: &Header, lang: Lang) -> String {
    let prefix = &header.prefix;
    let external = match lang {
        Lang::C => "extern",
        Lang::Cxx => "extern \"C\"",
    };
    let array = format!("const unsigned long long n_{prefix}[]");
    let mut text = format!("{external} {array};\n{array} = {{\n1,\n");
    for record in &header.records {
        let ty = &record.spelling;
        // `_Alignof` of gcc stops at what a variable of the type needs at most.
        writeln!(text, "sizeof({ty}), __alignof__({ty}),").unwrap();
        for member in &record.members {
            let path = &member.path;
            match member.kind {
                MemberKind::Plain => {
                    writeln!(text, "__builtin_offsetof({ty}, {path}), sizeof((({ty} *)0)->{path}),")
                        .unwrap()
                }
                MemberKind::Flexible => {
                    writeln!(text, "__builtin_offsetof({ty}, {path}),").unwrap();
                }
                MemberKind::BitField | MemberKind::Reference => {}
            }
        }
    }
    for constant in &header.constants {
        writeln!(text, "(unsigned long long)({constant}),").unwrap();
    }
    text.push_str("};\n");
    if lang == Lang::C {
        for (index, record) in header.records.iter().enumerate() {
            for (at, member) in record.members.iter().enumerate() {
                if member.kind == MemberKind::BitField {
                    let (ty, path) = (&record.spelling, &member.path);
                    let name = format!("b_{prefix}_{index}_{at}");
                    writeln!(
                        text,
                        "extern const {ty} {name};\nconst {ty} {name} = {{ .{path} = -1 }};"
                    )
                    .unwrap();
                }
            }
        }
    }
    text
}

/// An object file with its constants by name.
struct Object {
    bytes: Vec<u8>,
    endian: Endian,
    /// Ranges in `data`.
    symbols: HashMap<String, (usize, u64)>,
    sections: HashMap<usize, Vec<u8>>,
}

impl Object {
    fn new(bytes: &[u8], endian: Endian) -> Self {
        let file = object::File::parse(bytes).unwrap();
        let mut symbols = HashMap::new();
        let mut used = BTreeSet::new();
        for symbol in file.symbols() {
            let Ok(name) = symbol.name() else { continue };
            let name = name.strip_prefix('_').unwrap_or(name);
            let (true, Some(index)) =
                (name.starts_with("n_") || name.starts_with("b_"), symbol.section_index())
            else {
                continue;
            };
            let section = file.section_by_index(index).unwrap();
            used.insert(index.0);
            symbols.insert(name.to_owned(), (index.0, symbol.address() - section.address()));
        }
        let sections = used
            .into_iter()
            .map(|index| {
                let section = file.section_by_index(object::SectionIndex(index)).unwrap();
                let mut data = section.data().unwrap().to_vec();
                if data.is_empty() {
                    // What is all zeros may take no room in the file.
                    data = vec![0; usize::try_from(section.size()).unwrap()];
                }
                (index, data)
            })
            .collect();
        Self { bytes: bytes.to_vec(), endian, symbols, sections }
    }

    fn data(&self, name: &str) -> &[u8] {
        let (section, offset) =
            self.symbols.get(name).unwrap_or_else(|| panic!("no symbol `{name}`"));
        &self.sections[section][usize::try_from(*offset).unwrap()..]
    }

    fn answer(&self, header: &Header, facts: Option<&Facts>) -> Answer {
        let order = match self.endian {
            Endian::Little => object::Endianness::Little,
            Endian::Big => object::Endianness::Big,
        };
        let data = self.data(&format!("n_{}", header.prefix));
        let mut numbers =
            data.chunks_exact(8).map(|chunk| order.read_u64_bytes(chunk.try_into().unwrap()));
        let mut next = || numbers.next().unwrap();
        assert_eq!(next(), 1, "the probe begins with one");
        let mut records = Vec::new();
        for (index, names) in header.records.iter().enumerate() {
            let (size, align) = (next(), next());
            let mut members = Vec::new();
            for (at, member) in names.members.iter().enumerate() {
                members.push(match member.kind {
                    MemberKind::Plain => {
                        Some(Run { offset_bits: next() * 8, size_bits: next() * 8 })
                    }
                    MemberKind::Flexible => Some(Run { offset_bits: next() * 8, size_bits: 0 }),
                    MemberKind::BitField if facts.is_none() => {
                        let data = self.data(&format!("b_{}_{index}_{at}", header.prefix));
                        Some(set_bits(&data[..usize::try_from(size).unwrap()], self.endian))
                    }
                    MemberKind::BitField | MemberKind::Reference => {
                        facts.and_then(|facts| fact(facts, &names.name, &member.path))
                    }
                });
            }
            records.push(Ok(RecordAnswer { size, align, members }));
        }
        let constants = header.constants.iter().map(|_| Ok(next())).collect();
        Answer { records, constants }
    }
}

/// A member by the debug information.
fn fact(facts: &Facts, record: &str, path: &str) -> Option<Run> {
    let record = facts.records.get(record)?.first()?;
    let path = path.replace("[0]", "");
    let field = record.fields.iter().find(|field| field.name == path)?;
    Some(Run { offset_bits: field.bit_offset, size_bits: field.bit_size })
}

/// The bits that are set, counted as layouts count.
fn set_bits(bytes: &[u8], endian: Endian) -> Run {
    let is_set = |&bit: &u64| {
        let byte = bytes[usize::try_from(bit / 8).unwrap()];
        match endian {
            Endian::Little => byte >> (bit % 8) & 1 == 1,
            Endian::Big => byte << (bit % 8) & 0x80 == 0x80,
        }
    };
    let set: Vec<u64> = (0..bytes.len() as u64 * 8).filter(is_set).collect();
    let (Some(first), Some(last)) = (set.first(), set.last()) else {
        return Run { offset_bits: 0, size_bits: 0 };
    };
    assert_eq!(last - first + 1, set.len() as u64, "the bits of one field are in one run");
    Run { offset_bits: *first, size_bits: set.len() as u64 }
}
