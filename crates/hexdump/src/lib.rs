//! Reads hex dumps back into bytes.
//!
//! What tools print, and what people paste out of them:
//!
//! ```text
//! xxd                   00000010: 7269 6365 0000 002c                      rice...,
//! hexdump -C            00000010  72 69 63 65 00 00 00 2c                           |rice...,|
//! hexdump, od -t x2     0000010 6972 6563 0000 2c00
//! od -t x1 -A d         0000016 72 69 63 65 00 00 00 2c
//! Wireshark, tshark -x  0010  72 69 63 65 00 00 00 2c                           rice...,
//! gdb x/8xb, lldb       0x7ffe0010:  0x72  0x69  0x63  0x65  0x00  0x00  0x00  0x2c
//! xxd -p, hex streams   726963650000002c
//! lists                 72 69 63 65, 00:00:00:2c, 0x72 0x69, "\x72\x69"
//! xxd -i, C arrays      unsigned char rice[] = { 0x72, 0x69, 0x63, 0x65 };
//! ```
//!
//! [`detect`] tells a dump from plain bytes, [`DumpReader`] reads it. Neither does I/O: text is pushed
//! in as it arrives, [events](Event) come out as soon as the text decides them, and memory does not
//! grow with the dump, nor with a number in it.
//!
//! # Offsets
//!
//! Offsets are hexadecimal, decimal or octal; which, follows from how they grow. They are checked: where
//! one is higher than the bytes before it explain, bytes are missing ([`Event::Gap`]). Offset 0 begins
//! another dump ([`Event::Begin`]), and so does each C array. A line `*` repeats the line above it up to
//! the next offset.
//!
//! # What cannot be told
//!
//! - Words of more than one byte without a colon after the offset (`hexdump`, `od -t x2`) are those of a
//!   little-endian machine.
//! - Groups of `xxd -e` look as those of `xxd -g 4`. Only the text beside them tells, so it is compared.
//! - Where `*` is the second line, offsets of seven digits before words of two bytes are taken as
//!   `hexdump`'s, which are hexadecimal, if what follows does not decide.
//! - A single line of words of 4 or 8 bytes that ends with zeros may be cut short: whether the offset of
//!   its end is octal or decimal is taken as `od` prints it unless asked, in octal.
//!
//! # Example
//!
//! ```
//! use cwire_hexdump::{DumpReader, Event};
//!
//! let mut reader = DumpReader::new();
//! reader.push(b"00000000: 4100 0000 2c01 0000                      A...,...\n");
//! reader.finish();
//! assert_eq!(reader.next(), Some(Event::Begin { offset: 0 }));
//! assert_eq!(reader.next(), Some(Event::Bytes(b"A\0\0\0,\x01\0\0")));
//! assert_eq!(reader.next(), None);
//! ```

#![warn(missing_docs)]

mod detect;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod line;
mod lines;
mod offset;
mod reader;
mod tokens;

pub use detect::{DETECTION, Detected, detect};
pub use error::DumpError;
pub use reader::{DumpReader, Event, MAX_LINE, MAX_REPEAT};

#[cfg(test)]
mod tests;
