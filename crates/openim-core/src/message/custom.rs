//! `contentType` 110, 119 and 120: what an application made up.

use super::lenient::element;

element! {
    /// What an application made up; only that application knows what `data` means.
    Custom {
        data: String = "data",
        extension: String = "extension",
        description: String = "description",
    }
}
