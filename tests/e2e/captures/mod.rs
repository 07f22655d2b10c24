//! Captures of known streams, written by code that shares nothing with the reader.

mod files;
mod generate;
mod read;
mod tshark;
