//! Prints the records of a compiled file: `cargo run --example dump -- a.out [NAME]...`

use std::path::Path;
use std::process::ExitCode;

use cwire_debuginfo::{Options, read_file};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        eprintln!("usage: dump FILE [NAME]...");
        return ExitCode::from(2);
    };
    let names: Vec<String> = args.collect();
    let info = match read_file(Path::new(&path), &Options::default()) {
        Ok(info) => info,
        Err(error) => {
            eprintln!("dump: {error}");
            return ExitCode::from(2);
        }
    };
    let types = &info.types;
    println!("{} ({:?} of {})", types.abi().triple(), info.format, info.path.display());
    for note in &info.notes {
        println!("note: {note}");
    }
    for &id in types.records() {
        let record = types.record(id);
        let Some(definition) = &record.definition else { continue };
        if !names.is_empty() && !names.iter().any(|name| **name == *record.name) {
            continue;
        }
        let layout = &definition.layout;
        let (size, align) = (layout.layout.size, layout.layout.align);
        println!("{:?} {} size {size} align {align}", record.kind, record.name);
        for (base, place) in definition.def.bases.iter().zip(&layout.bases) {
            let name = &types.record(base.record).name;
            println!("  {:5} {:4} : {name}", place.offset_bits, place.size_bits);
        }
        for (member, place) in definition.def.members.iter().zip(&layout.members) {
            let ty = types.spell(member.ty);
            println!("  {:5} {:4} {} ({ty})", place.offset_bits, place.size_bits, member.name);
        }
    }
    for refused in types
        .refused()
        .iter()
        .filter(|r| names.is_empty() || names.iter().any(|name| *name == *r.name))
    {
        println!("refused {}: {}", refused.name, refused.reason);
    }
    println!(
        "{} records, {} enums, {} refused",
        types.records().len(),
        types.enums().len(),
        types.refused().len()
    );
    ExitCode::SUCCESS
}
