//! Tests that cross crates.

mod layout;
mod readme;
mod tls;
