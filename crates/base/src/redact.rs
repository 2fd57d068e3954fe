//! Values that must never reach a log, a status or an error text: tokens, message bodies, people's names.

use std::fmt;

/// Prints the size of what it holds, never the value. The only way to the value is [`Redacted::expose`], which makes
/// every use easy to find in review.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: AsRef<str>> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<redacted {} bytes>", self.0.as_ref().len())
    }
}

impl<T: AsRef<str>> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_value_prints_its_size_only() {
        let token = Redacted::new("s3cret".to_owned());
        assert_eq!(format!("{token} {token:?}"), "<redacted 6 bytes> <redacted 6 bytes>");
        assert_eq!(token.expose(), "s3cret");
    }
}
