//! Packets put together by hand, dissected here and by tshark.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]

mod compose;
mod fragment;
mod ip;
mod length;
mod link;
mod oracle;
mod tunnel;
