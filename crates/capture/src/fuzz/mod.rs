//! What the fuzz targets check. Not part of the public interface.

#![allow(missing_docs, reason = "called by fuzz targets only")]
#![allow(clippy::indexing_slicing, reason = "a panic is a finding here, too")]

pub mod dissect;
pub mod file;
pub mod reassembly;
