//! Turns the payload of a caught panic into text.

use std::any::Any;

use crate::limits::PANIC_TEXT_MAX;

/// The message of a panic, shortened to [`PANIC_TEXT_MAX`] characters.
///
/// ```
/// let panic = std::panic::catch_unwind(|| panic!("no such state")).unwrap_err();
/// assert_eq!(base::panic_text(&*panic), "no such state");
/// ```
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").chars().take(PANIC_TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_messages_of_both_kinds_are_read() {
        assert_eq!(panic_text(&"literal"), "literal");
        assert_eq!(panic_text(&"formatted".to_owned()), "formatted");
        assert_eq!(panic_text(&7), "no reason given");
    }

    #[test]
    fn a_long_panic_message_is_shortened() {
        assert_eq!(panic_text(&"é".repeat(1000)).chars().count(), PANIC_TEXT_MAX);
    }
}
