//! Colours, by what they mean.

use std::fmt;

use anstyle::{AnsiColor, Color, Style};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The name of a record.
    Heading,
    /// Names of columns, remarks, legends.
    Remark,
    /// Bytes and bits that hold nothing.
    Padding,
    /// A C type.
    Type,
    /// A name that a header declares.
    Name,
    /// What differs between ABIs.
    Difference,
    /// What is wrong.
    Error,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    /// `text` in the colour of its role.
    pub(crate) fn show<T: fmt::Display>(self, role: Role, text: T) -> Painted<T> {
        let style = if self.0 { style(role) } else { Style::new() };
        Painted { style, text }
    }
}

/// A text with its colour around it.
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.style.is_plain() {
            return self.text.fmt(f);
        }
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}

fn style(role: Role) -> Style {
    let color = |color| Style::new().fg_color(Some(Color::Ansi(color)));
    match role {
        Role::Heading => Style::new().bold(),
        Role::Remark => Style::new().dimmed(),
        Role::Padding => color(AnsiColor::Red).dimmed(),
        Role::Type => color(AnsiColor::Cyan),
        Role::Name => Style::new(),
        Role::Difference => color(AnsiColor::Yellow).bold(),
        Role::Error => color(AnsiColor::Red).bold(),
    }
}
