//! Tests that cross crates.

mod headers;
mod layout;
mod readme;
mod tls;
