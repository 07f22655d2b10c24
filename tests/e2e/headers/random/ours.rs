//! What the header reader makes of a header.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use cwire_header::{Files, Lang, Options};
use cwire_layout::abi::Abi;
use cwire_layout::types::{RecordId, Type, TypeId};
use cwire_layout::{FieldKind, Types};

use super::answer::{Answer, RecordAnswer, Run};
use super::generate::{Header, MemberKind, RecordNames};

/// The files of one header.
struct Texts<'a>(HashMap<String, &'a str>);

impl Files for Texts<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match self.0.get(name) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "there are two files")),
        }
    }
}

/// Reads a header; what went wrong, where nothing can be said of it.
pub(super) fn ask(abi: Abi, lang: Lang, header: &Header) -> Result<Answer, String> {
    let prefix = &header.prefix;
    let files = Texts(HashMap::from([
        (format!("{prefix}.h"), &*header.text),
        (format!("{prefix}_part.h"), &*header.part),
    ]));
    let mut options = Options::new(abi);
    options.lang = Some(lang);
    let name = format!("{prefix}.h");
    let mut read = cwire_header::read(&files, Path::new(&name), &options)
        .map_err(|error| error.to_string())?;
    let mut records = Vec::new();
    for record in &header.records {
        records.push(record_answer(&read.types, record));
    }
    let mut constants = Vec::new();
    for name in &header.constants {
        constants.push(match read.constant(name) {
            #[expect(clippy::cast_possible_truncation, reason = "what the probe casts to, too")]
            Ok(Some(value)) => Ok(value as u64),
            Ok(None) => Err("it is unknown".to_owned()),
            Err(error) => Err(error.to_string()),
        });
    }
    Ok(Answer { records, constants })
}

fn record_answer(types: &Types, names: &RecordNames) -> Result<RecordAnswer, String> {
    let found = types.records().iter().find(|&&id| *types.record(id).name == *names.name);
    let Some(&id) = found else {
        let refused = types.refused().iter().find(|refused| *refused.name == *names.name);
        return Err(refused.map_or("it is missing".to_owned(), |refused| refused.reason.clone()));
    };
    let definition = types.record(id).definition.as_ref().ok_or("it is incomplete")?;
    let layout = definition.layout.layout;
    let mut members = Vec::new();
    for member in &names.members {
        let mut run = member_run(types, id, &member.path);
        if let (MemberKind::Flexible, Some(run)) = (member.kind, &mut run) {
            run.size_bits = 0;
        }
        members.push(run);
    }
    Ok(RecordAnswer { size: layout.size, align: layout.align, members })
}

fn member_run(types: &Types, mut record: RecordId, path: &str) -> Option<Run> {
    let mut run = Run { offset_bits: 0, size_bits: 0 };
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        let name = part.trim_end_matches("[0]");
        let fields = types.fields(record);
        let field = fields.iter().find(|field| field.name == name)?;
        run.offset_bits += field.place.offset_bits;
        run.size_bits = field.place.size_bits;
        let def = &types.record(record).definition.as_ref()?.def;
        let is_shared =
            def.members.iter().any(|member| &*member.name == name && member.no_unique_address);
        if (run.size_bits == 0 || is_shared)
            && field.kind == FieldKind::Member
            && !is_flexible(types, field.ty)
        {
            // A member that needs no address of its own may take less room than its type; the compiler says
            // what its type takes.
            run.size_bits = types.layout_of(field.ty).ok()?.size * 8;
        }
        if parts.peek().is_some() {
            record = record_of(types, field.ty)?;
        }
    }
    Some(run)
}

fn record_of(types: &Types, ty: TypeId) -> Option<RecordId> {
    match types.get(types.strip(ty)) {
        Type::Record(id) => Some(*id),
        Type::Array { element, .. } => record_of(types, *element),
        _ => None,
    }
}

fn is_flexible(types: &Types, ty: TypeId) -> bool {
    matches!(types.get(types.strip(ty)), Type::Array { len: None, .. })
}
