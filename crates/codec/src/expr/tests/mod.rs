//! What expressions mean, and what is none.

mod filters;
mod laws;
mod meaning;
mod refusals;

use std::path::Path;

use cwire_header::{Files, Header, Lang, Options};
use cwire_layout::abi::Abi;
use cwire_layout::types::{RecordId, Type};

use super::*;

/// One text under one name.
struct Text<'a>(&'a str);

impl Files for Text<'_> {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match path.to_str() {
            Some("test.h") => Ok(self.0.as_bytes().to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

/// A header for an ABI.
pub(crate) fn header(text: &str, abi: Abi) -> Header {
    let mut options = Options::new(abi);
    options.lang = Some(if text.contains("class ") { Lang::Cxx } else { Lang::C });
    cwire_header::read(&Text(text), Path::new("test.h"), &options)
        .unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn record(types: &Types, name: &str) -> RecordId {
    match types.get(types.strip(types.find(name).expect("declared"))) {
        Type::Record(id) => *id,
        _ => panic!("{name} is no record"),
    }
}

const HEADER: &str = r#"
#include <stdint.h>
#define LIMIT 100
#define TWICE (2 * LIMIT)
#define NOT_A_NUMBER "text"
enum side { BUY, SELL = 7, CANCEL = -1 };
struct leg { int16_t price; uint8_t lots[4]; };
typedef struct {
    uint8_t kind;
    char tag;
    uint16_t len;
    int32_t signed_field;
    unsigned low : 3, mid : 10, high : 19;
    int small : 5;
    enum side side;
    struct leg legs[3];
    union { uint32_t whole; uint8_t bytes[4]; };
    struct { uint8_t inner; } named;
    uint64_t wide;
    _Bool flag;
    float ratio;
    double price;
    char symbol[8];
    char other[4];
    unsigned __int128 huge;
    void *pointer;
} msg;
struct tail { uint16_t n; uint32_t items[]; };
"#;

/// The value of an expression over bytes that `msg` is laid over, in x86-64's layout.
fn value(text: &str, bytes: &[u8]) -> Result<Option<i128>, String> {
    let mut header = header(HEADER, Abi::X86_64_LINUX);
    value_in(&mut header, "msg", text, bytes)
}

fn value_in(
    header: &mut Header,
    name: &str,
    text: &str,
    bytes: &[u8],
) -> Result<Option<i128>, String> {
    let types = header.types.clone();
    let endian = types.abi().endian();
    let mut names = |name: &str| header.constant(name).map_err(|error| error.message().to_owned());
    let expr = Expr::compile(text, &types, record(&types, name), endian, &mut names);
    let expr = expr.map_err(|error| format!("{:?}: {error}", error.span()))?;
    expr.value(bytes).map_err(|error| error.to_string())
}
