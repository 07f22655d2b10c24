//! A record as a flat list of names and values.

use std::fmt::Write;

use cwire_codec::plan::{Item, Key, Scalar, Visitor};

/// A field, with all scalars of an array in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// C path, as in `legs[2].price`.
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Collects cells.
pub(crate) struct Cells {
    pub(crate) cells: Vec<Cell>,
    /// Most elements of an array that are shown.
    most: usize,
    path: String,
    frames: Vec<Frame>,
    /// The list of scalars at hand.
    list: Option<List>,
}

/// What the path is inside of.
enum Frame {
    /// Length of the path without a member's name.
    Object(usize),
    /// The same without an index, and the next one.
    List(usize, usize),
}

#[derive(Default)]
struct List {
    text: String,
    depth: usize,
    count: usize,
    has_value: bool,
}

impl Cells {
    /// Shows `most` elements of an array at most.
    pub(crate) fn new(most: usize) -> Self {
        Self { cells: Vec::new(), most, path: String::new(), frames: Vec::new(), list: None }
    }

    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.path.clear();
        self.frames.clear();
        self.list = None;
    }

    /// The path goes to the next element, where it is inside an array.
    fn enter_element(&mut self) {
        if let Some(Frame::List(length, index)) = self.frames.last_mut() {
            self.path.truncate(*length);
            let _ = write!(self.path, "[{index}]");
            *index += 1;
        }
    }

    fn value(&mut self, value: &dyn Fn(&mut String)) {
        let Some(list) = &mut self.list else {
            let mut text = String::new();
            value(&mut text);
            self.cells.push(Cell { name: self.path.clone(), value: text });
            return;
        };
        list.count += 1;
        if list.count > self.most {
            return;
        }
        if list.has_value {
            list.text.push_str(", ");
        }
        value(&mut list.text);
        list.has_value = true;
    }
}

impl Visitor for Cells {
    fn begin_object(&mut self) {
        // A list of structs has been taken for one of scalars so far.
        if let Some(list) = self.list.take() {
            for _ in 0..list.depth {
                self.enter_element();
                self.frames.push(Frame::List(self.path.len(), 0));
            }
        }
        self.enter_element();
        self.frames.push(Frame::Object(self.path.len()));
    }

    fn key(&mut self, key: &Key) {
        if let Some(Frame::Object(length)) = self.frames.last() {
            self.path.truncate(*length);
        }
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key.name());
    }

    fn end_object(&mut self) {
        self.frames.pop();
    }

    fn begin_list(&mut self) {
        let list = self.list.get_or_insert_default();
        if list.has_value && list.count < self.most {
            list.text.push_str(", ");
        }
        if list.count < self.most {
            list.text.push('[');
        }
        list.has_value = false;
        list.depth += 1;
    }

    fn end_list(&mut self) {
        let Some(list) = &mut self.list else {
            self.frames.pop();
            return;
        };
        list.depth -= 1;
        list.has_value = true;
        if list.depth > 0 {
            if list.count <= self.most {
                list.text.push(']');
            }
            return;
        }
        let Some(mut list) = self.list.take() else { return };
        if let Some(more @ 1..) = list.count.checked_sub(self.most) {
            let _ = write!(list.text, ", … {more} more");
        }
        list.text.push(']');
        self.enter_element();
        self.cells.push(Cell { name: self.path.clone(), value: list.text });
    }

    fn scalar(&mut self, item: &Item<'_>) {
        self.value(&|text| show(&item.scalar, text));
    }

    fn null(&mut self, _: Option<usize>, _: u64) {
        self.value(&|text| text.push_str("null"));
    }
}

/// Appends a value as people read it: texts in quotes, characters, too.
pub(crate) fn show(scalar: &Scalar<'_>, text: &mut String) {
    match scalar {
        Scalar::Text(value) => quote(value, '"', text),
        Scalar::Char(value) => {
            let mut one = [0; 4];
            quote(value.encode_utf8(&mut one), '\'', text);
        }
        other => plain(other, text),
    }
}

/// Appends a value without quotes.
pub(crate) fn plain(scalar: &Scalar<'_>, text: &mut String) {
    let _ = match scalar {
        Scalar::Int(value) => write!(text, "{value}"),
        Scalar::UInt(value) => write!(text, "{value}"),
        Scalar::Bool(value) => write!(text, "{value}"),
        Scalar::Enum { name, .. } => write!(text, "{name}"),
        Scalar::Float32(value) => float(f64::from(*value), &value, text),
        Scalar::Float64(value) => float(*value, &value, text),
        Scalar::Char(value) => write!(text, "{value}"),
        Scalar::Text(value) => write!(text, "{value}"),
        Scalar::Wide(value) => write!(text, "{value}"),
        _ => write!(text, "?"),
    };
}

/// Shortest digits that read back the same, with an exponent where zeros would be many.
fn float<F: std::fmt::Display + std::fmt::LowerExp>(
    value: f64,
    exact: &F,
    text: &mut String,
) -> std::fmt::Result {
    match value {
        _ if value.is_nan() => text.write_str("NaN"),
        f64::INFINITY => text.write_str("Infinity"),
        f64::NEG_INFINITY => text.write_str("-Infinity"),
        _ if value == 0.0 || (1e-5..1e16).contains(&value.abs()) => write!(text, "{exact}"),
        _ => write!(text, "{exact:e}"),
    }
}

fn quote(value: &str, mark: char, text: &mut String) {
    text.push(mark);
    for c in value.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\0' => text.push_str("\\0"),
            '\\' => text.push_str("\\\\"),
            _ if c == mark => text.extend(['\\', c]),
            _ if c.is_control() => {
                let _ = write!(text, "\\x{:02x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push(mark);
}
