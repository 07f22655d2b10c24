//! What is encoded, piece by piece: JSON text or a [`Value`].

use crate::error::{EncodeError, EncodeErrorKind};
use crate::json::JsonError;
use crate::json::read::{Number, Reader, Text, Token};
use crate::value::Value;

/// Why a record could not be encoded.
pub(crate) enum Fail {
    Syntax(Box<JsonError>),
    /// The column of the value, and what is wrong with it.
    Encode(usize, EncodeError),
}

impl Fail {
    /// The same error one level further out.
    #[cold]
    pub(crate) fn within(self, field: &str, base: usize) -> Self {
        match self {
            Self::Encode(column, error) => Self::Encode(column, error.within(field, base)),
            syntax => syntax,
        }
    }

    /// Of a source that has no syntax.
    pub(crate) fn into_encode(self) -> EncodeError {
        match self {
            Self::Encode(_, error) => error,
            Self::Syntax(_) => unreachable!("a value that is no text has no syntax"),
        }
    }

    pub(crate) fn into_json(self) -> JsonError {
        match self {
            Self::Syntax(error) => *error,
            Self::Encode(column, error) => JsonError::encode(column, error),
        }
    }
}

impl From<JsonError> for Fail {
    #[cold]
    fn from(error: JsonError) -> Self {
        Self::Syntax(Box::new(error))
    }
}

/// Pieces in the order in which they stand.
pub(crate) trait Source<'a> {
    /// The beginning of a value.
    fn value(&mut self) -> Result<Token<'a>, Fail>;

    /// Whether another element follows, which is then the next value.
    fn element(&mut self, is_first: bool) -> Result<bool, Fail>;

    /// The name of the member that follows, which is then the next value.
    fn key(&mut self, is_first: bool) -> Result<Option<Text<'a>>, Fail>;

    /// Nothing follows the value.
    fn end(&mut self) -> Result<(), Fail>;

    /// Where the last piece begins.
    fn column(&self) -> usize;

    /// Something is wrong with the last piece.
    #[cold]
    fn fail(&self, kind: EncodeErrorKind) -> Fail {
        Fail::Encode(self.column(), EncodeError::new(kind))
    }
}

impl<'a> Source<'a> for Reader<'a> {
    #[inline]
    fn value(&mut self) -> Result<Token<'a>, Fail> {
        Ok(Reader::value(self)?)
    }

    #[inline]
    fn element(&mut self, is_first: bool) -> Result<bool, Fail> {
        Ok(Reader::element(self, is_first)?)
    }

    #[inline]
    fn key(&mut self, is_first: bool) -> Result<Option<Text<'a>>, Fail> {
        Ok(Reader::key(self, is_first)?)
    }

    fn end(&mut self) -> Result<(), Fail> {
        Ok(Reader::end(self)?)
    }

    fn column(&self) -> usize {
        Reader::column(self)
    }
}

/// Goes through a [`Value`].
pub(crate) struct Values<'a> {
    next: Option<&'a Value>,
    /// The lists and objects that have not ended, outermost first.
    open: Vec<Open<'a>>,
}

enum Open<'a> {
    List(std::slice::Iter<'a, Value>),
    Object(std::slice::Iter<'a, (Box<str>, Value)>),
}

impl<'a> Values<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self { next: Some(value), open: Vec::new() }
    }
}

impl<'a> Source<'a> for Values<'a> {
    fn value(&mut self) -> Result<Token<'a>, Fail> {
        Ok(match self.next.take() {
            None | Some(Value::Null) => Token::Null,
            Some(Value::Bool(value)) => Token::Bool(*value),
            Some(Value::Int(value)) => Token::Number(Number::Int(*value)),
            Some(Value::UInt(value)) => Token::Number(Number::UInt(*value)),
            Some(Value::Float32(value)) => Token::Number(Number::Float32(*value)),
            Some(Value::Float64(value)) => Token::Number(Number::Float64(*value)),
            Some(Value::Text(text)) => Token::Text(Text::plain(text)),
            Some(Value::List(elements)) => {
                self.open.push(Open::List(elements.iter()));
                Token::List
            }
            Some(Value::Object(members)) => {
                self.open.push(Open::Object(members.iter()));
                Token::Object
            }
        })
    }

    fn element(&mut self, _: bool) -> Result<bool, Fail> {
        self.next = match self.open.last_mut() {
            Some(Open::List(elements)) => elements.next(),
            _ => None,
        };
        if self.next.is_none() {
            self.open.pop();
        }
        Ok(self.next.is_some())
    }

    fn key(&mut self, _: bool) -> Result<Option<Text<'a>>, Fail> {
        let member = match self.open.last_mut() {
            Some(Open::Object(members)) => members.next(),
            _ => None,
        };
        let Some((name, value)) = member else {
            self.open.pop();
            return Ok(None);
        };
        self.next = Some(value);
        Ok(Some(Text::plain(name)))
    }

    fn end(&mut self) -> Result<(), Fail> {
        Ok(())
    }

    fn column(&self) -> usize {
        0
    }
}
