//! From the bytes of streams to records in the form that is asked for.

pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod setup;
pub(crate) mod stream;
pub(crate) mod window;
pub(crate) mod work;
