//! Text in SVG: escaped, and cut to what fits.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Length, PX};

/// A length in pixels.
pub(super) struct Px(pub(super) Length);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / PX, self.0 % PX);
        match hundredths {
            0 => write!(f, "{whole}"),
            _ if hundredths % 10 == 0 => write!(f, "{whole}.{}", hundredths / 10),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

/// Text as XML content or inside a quoted attribute (XML 1.0, 2.4).
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // No XML document may hold these, not even escaped (XML 1.0, 2.2).
                '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                    f.write_str("\u{fffd}")?;
                }
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// A size of the monospaced font, by what one character takes.
#[derive(Clone, Copy)]
pub(super) struct Font {
    pub(super) class: &'static str,
    pub(super) char_width: Length,
}

/// Names in cells: 13 px. Monospaced fonts are 0.6 em wide.
pub(super) const NAME: Font = Font { class: "name", char_width: 790 };
/// Types in cells: 10.5 px.
pub(super) const TYPE: Font = Font { class: "type", char_width: 640 };
/// Names in cells a few bits wide, turned by a quarter: 10.5 px.
pub(super) const NARROW: Font = Font { class: "narrow", char_width: 640 };

impl Font {
    /// Whether `text` fits as it is.
    pub(super) fn fits(self, text: &str, room: Length) -> bool {
        self.chars(room) >= text.width()
    }

    fn chars(self, room: Length) -> usize {
        usize::try_from(room / self.char_width).unwrap_or(usize::MAX)
    }

    /// `text`, cut with an ellipsis where it is too long; `None` if not even two characters of it fit.
    pub(super) fn fit(self, text: &str, room: Length) -> Option<String> {
        if self.fits(text, room) {
            return Some(text.to_owned());
        }
        let fitting = self.chars(room);
        let mut cut = String::new();
        let mut width = 1;
        for c in text.chars() {
            width += c.width().unwrap_or(0);
            if width > fitting {
                break;
            }
            cut.push(c);
        }
        (cut.width() >= 2).then(|| cut + "\u{2026}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_holds_only_what_xml_may() {
        let escaped = Escaped("a<b> & \"c\"\u{1}\n").to_string();
        assert_eq!(escaped, "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\n");
        let document = format!("<t a=\"{escaped}\">{escaped}</t>");
        assert!(roxmltree::Document::parse(&document).is_ok());
    }

    #[test]
    fn lengths_are_pixels_without_needless_digits() {
        assert_eq!(
            [0, 100, 150, 1733, 5].map(|length| Px(length).to_string()),
            ["0", "1", "1.5", "17.33", "0.05"]
        );
    }

    #[test]
    fn text_that_does_not_fit_is_cut() {
        let fit = |text, chars| NAME.fit(text, NAME.char_width * chars);
        assert_eq!(fit("price", 5).as_deref(), Some("price"));
        assert_eq!(fit("price", 4).as_deref(), Some("pri\u{2026}"));
        assert_eq!(fit("price", 2), None);
        // Two columns each.
        assert_eq!(fit("価格表", 6).as_deref(), Some("価格表"));
        assert_eq!(fit("価格表", 5).as_deref(), Some("価格\u{2026}"));
    }
}
