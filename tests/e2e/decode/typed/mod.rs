//! Typed and dynamic decoding of the same struct agree: over the records of the layout tests and over
//! random ones, on every ABI, for arbitrary bytes.

mod generate;
#[rustfmt::skip]
mod generated;
pub(crate) mod show;

use std::io;
use std::path::{Path, PathBuf};

use cwire_codec::abi::Abi;
use cwire_codec::plan::{EnumForm, Plan, PlanOptions, Short};
use cwire_codec::value::Value;
use cwire_header::{Files, Header, Lang, Options};

use super::super::headers::random::number;
use super::super::headers::random::rng::Random;
use super::super::layout::compiler::PRELUDE;
use super::super::layout::records::cases;
use show::agree;

/// Arbitrary bytes that each record is decoded from, per ABI.
const SAMPLES: usize = 12;

/// A record of `generated`.
struct Generated {
    name: &'static str,
    /// Decodes, shows and encodes again, per ABI in the order of [`Abi::ALL`].
    on_abi: [Decode; 18],
}

/// Decodes a record, shows it, and encodes it again.
type Decode = fn(&[u8]) -> (Value, Vec<u8>);

/// One text, and the headers that are built in.
struct Text<'a>(&'a str);

impl Files for Text<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.to_str() {
            Some("records.h") => Ok(self.0.as_bytes().to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn header(text: &str, abi: Abi) -> Header {
    let mut options = Options::new(abi);
    options.lang = Some(Lang::C);
    cwire_header::read(&Text(text), Path::new("records.h"), &options)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn plan(header: &Header, name: &str) -> Plan {
    let types = &header.types;
    let record = types.records().iter().find(|&&id| *types.record(id).name == *name);
    let mut options = PlanOptions::default();
    options.enums = EnumForm::Number;
    Plan::new(types, *record.unwrap_or_else(|| panic!("no record {name}")), &options).unwrap()
}

/// Bytes that are often small.
fn sample(random: &mut Random, size: usize) -> Vec<u8> {
    let mut byte = |_| {
        let bits = random.next();
        u8::try_from(if bits & 0x300 == 0 { bits & 3 } else { bits & 0xff }).unwrap()
    };
    (0..size).map(&mut byte).collect()
}

fn decode(plan: &Plan, bytes: &[u8]) -> Value {
    plan.value(bytes, Short::Error).unwrap().0
}

#[test]
fn the_records_of_the_layout_tests_agree() {
    let cases = cases();
    let mut random = Random::new(number("CWIRE_RANDOM_SEED", 1));
    // Declarations name earlier ones.
    let mut text = PRELUDE.to_owned();
    for case in &cases {
        text += case.declaration;
        text += "\n";
    }
    let mut compared = 0;
    for (index, abi) in Abi::ALL.into_iter().enumerate() {
        let header = header(&text, abi);
        for case in &cases {
            let mirror = &case.rust[index];
            let plan = plan(&header, mirror.layout.name);
            assert_eq!(plan.size() as u64, mirror.layout.size);
            let encoded = mirror.encoded.clone().unwrap();
            let context = format!("{} on {}", case.name, abi.triple());
            let mut again = Vec::new();
            plan.encode(&decode(&plan, &encoded), &mut again).unwrap();
            assert_eq!(again, encoded, "{context}");
            // A header does not say what is sent through `htonl`.
            if case.initializer.contains("NET") {
                continue;
            }
            let samples = (0..SAMPLES).map(|_| sample(&mut random, plan.size()));
            for bytes in samples.chain([encoded]) {
                // What has no value in Rust: a `bool` of 2, an enum without that enumerator.
                let Ok(typed) = (mirror.show)(&bytes) else { continue };
                let dynamic = decode(&plan, &bytes);
                assert!(
                    agree(&abi, &typed, &dynamic),
                    "{context}: {bytes:02x?}\n{typed:?}\n{dynamic:?}"
                );
                compared += 1;
            }
        }
    }
    eprintln!("{compared} structs compared");
    assert!(compared > cases.len() * Abi::ALL.len() * 3);
}

#[test]
fn random_records_agree() {
    let mut random = Random::new(number("CWIRE_RANDOM_SEED", 1));
    let mut compared = 0;
    for (index, abi) in Abi::ALL.into_iter().enumerate() {
        let header = header(generated::HEADER, abi);
        for record in generated::records() {
            let plan = plan(&header, record.name);
            for _ in 0..SAMPLES {
                let bytes = sample(&mut random, plan.size());
                let context = format!("{} on {}: {bytes:02x?}", record.name, abi.triple());
                let ((typed, again), dynamic) =
                    (record.on_abi[index](&bytes), decode(&plan, &bytes));
                assert!(agree(&abi, &typed, &dynamic), "{context}\n{typed:?}\n{dynamic:?}");
                // The typed record keeps what its text and padding drop, up to the padding.
                assert_eq!(decode(&plan, &again), dynamic, "{context}");
                compared += 1;
            }
        }
    }
    eprintln!("{compared} structs compared");
}

/// `BLESS=1` writes other random records, those of `CWIRE_RANDOM_SEED`.
#[test]
fn random_records_are_those_of_their_seed() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("e2e/decode/typed/generated.rs");
    let seed = match std::env::var_os("BLESS") {
        Some(_) => number("CWIRE_RANDOM_SEED", generated::SEED),
        None => generated::SEED,
    };
    let text = generate::module(seed);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "BLESS=1 writes {}", path.display());
}
