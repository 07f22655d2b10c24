//! Tests that cross crates.

mod decode;
mod examples;
mod headers;
mod layout;
mod readme;
mod tls;
