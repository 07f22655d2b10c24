//! Bytes to values and back, by the programs that people run, against those who wrote the bytes.

mod compare;
mod constants;
pub(crate) mod cwire;
mod differential;
mod elf;
mod generate;
mod initial;
pub(crate) mod json;
mod model;
mod program;
mod route;
pub(crate) mod typed;
mod utmp;
