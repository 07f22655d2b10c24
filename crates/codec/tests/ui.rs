//! What users of the derives read when they are wrong.

/// The messages depend on the compiler as well, so they are compared on one toolchain: the one
/// that `.ci/run` installs. `TRYBUILD=overwrite` writes them anew.
#[test]
fn derive_errors() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
