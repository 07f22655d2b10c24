//! Names as CodeView has them.

/// A name as DWARF has it; empty for what the compiler made up for something unnamed.
pub(super) fn display(name: &str) -> String {
    let last = name.rsplit("::").next().unwrap_or(name);
    let made_up = ["<unnamed-", "<anonymous-", "<unnamed>", "__unnamed", "<lambda_"];
    if made_up.iter().any(|start| last.starts_with(start)) {
        return String::new();
    }
    name.replace("`anonymous namespace'", "(anonymous namespace)")
        .replace("`anonymous-namespace'", "(anonymous namespace)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_are_none() {
        for name in ["<unnamed-tag>", "ns::Outer::<unnamed-type-named>", "<anonymous-tag>"] {
            assert_eq!(display(name), "", "{name}");
        }
        assert_eq!(display("`anonymous namespace'::S"), "(anonymous namespace)::S");
        assert_eq!(display("ns::Array<short,7>"), "ns::Array<short,7>");
    }
}
