//! Tests that cross crates.

mod captures;
mod decode;
mod examples;
mod headers;
mod layout;
mod readme;
mod tls;
