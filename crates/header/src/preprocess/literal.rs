//! Spellings of string literals.

/// `text` as a string literal.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// `text` with a backslash before each quote and backslash, as the operator `#` writes the literals
/// in its operand (C11 6.10.3.2p2). A newline, which only a raw string can hold, becomes `\n`.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for char in text.chars() {
        match char {
            '"' | '\\' => escaped.extend(['\\', char]),
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// What the string literal `spelling` says, as `_Pragma` reads it (C11 6.10.9p1): without prefix and
/// quotes, `\"` and `\\` taken for the second character. `None` if it is no string literal.
pub(super) fn destringized(spelling: &str) -> Option<String> {
    let open = spelling.find('"')?;
    let (prefix, rest) = spelling.split_at_checked(open)?;
    if prefix.ends_with('R') {
        let (delimiter, body) = rest.get(1..)?.split_once('(')?;
        return body.strip_suffix(&format!("){delimiter}\"")).map(str::to_owned);
    }
    let body = rest.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('\\', Some(&next @ ('"' | '\\'))) => {
                text.push(next);
                chars.next();
            }
            _ => text.push(char),
        }
    }
    Some(text)
}
