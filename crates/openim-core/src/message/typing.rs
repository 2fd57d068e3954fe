//! `contentType` 113: somebody types, or has stopped.

use super::lenient::element;

element! {
    /// Somebody types ("yes") or has stopped ("no").
    Typing {
        tips: String = "msgTips",
    }
}

impl Typing {
    pub fn new(on: bool) -> Self {
        Self { tips: if on { "yes" } else { "no" }.to_owned() }
    }

    pub fn is_on(&self) -> bool {
        self.tips == "yes"
    }
}
