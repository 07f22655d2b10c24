//! Every explanation ends where the engine put the field.

use std::path::{Path, PathBuf};

use cwire_header::{Lang, Options};
use cwire_layout::abi::Abi;
use cwire_layout::types::RecordId;
use cwire_layout::{FieldKind, Types};

use super::rules::explain;

fn rules() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/headers/rules");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_header = |path: &PathBuf| path.extension().is_some_and(|it| it == "h" || it == "hpp");
    let mut rules: Vec<_> = entries.filter(is_header).collect();
    rules.sort();
    assert!(rules.len() >= 40, "{} rules", rules.len());
    rules
}

/// What is explained wrongly in a record, as text.
fn unexplained(types: &Types, record: RecordId) -> Vec<String> {
    let fields = types.fields(record);
    let own = fields.iter().filter(|field| field.depth == 0);
    let mut wrong = Vec::new();
    for field in own {
        let explained = explain(types, record, field);
        if !explained.arrives || explained.reasons.is_empty() {
            let (triple, name) = (types.abi().triple(), &types.record(record).name);
            let kind = if field.kind == FieldKind::Base { "base" } else { "member" };
            wrong.push(format!("{triple}: {kind} {name}.{}: {:?}", field.name, explained.reasons));
        }
    }
    wrong
}

#[test]
fn every_rule_is_explained_on_every_abi() {
    let mut wrong = Vec::new();
    let mut records = 0;
    for rule in rules() {
        let is_cxx = rule.extension().is_some_and(|it| it == "hpp");
        let lang = if is_cxx { Lang::Cxx } else { Lang::C };
        for abi in Abi::ALL {
            let options = Options { lang: Some(lang), ..Options::new(abi) };
            let header = cwire_header::read_file(&rule, &options).unwrap();
            for &record in header.types.records() {
                records += 1;
                let name = rule.file_name().unwrap().to_string_lossy();
                let these = unexplained(&header.types, record);
                wrong.extend(these.into_iter().map(|it| format!("{name}, {it}")));
            }
        }
    }
    assert!(records > 1000, "{records} records");
    assert!(wrong.is_empty(), "{} of {records}\n{}", wrong.len(), wrong.join("\n"));
}
