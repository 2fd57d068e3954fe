//! Names: what a file is called on the server, and what its ending says about its type.

use base::media_type;
use net::names;

use crate::limits::OBJECT_NAME_MAX;

/// The name of the object: under the account's own id, where the server wants it, in a folder of its own, so that two
/// files of one name are two.
pub(crate) fn object(user_id: &str, folder: &str, name: &str) -> Option<String> {
    let object = format!("{user_id}/{folder}/{name}");
    (object.len() <= OBJECT_NAME_MAX && !user_id.is_empty()).then_some(object)
}

/// The ending, in lower case, of a name that has one.
pub(crate) fn ending(name: &str) -> Option<String> {
    names::extension(name).map(str::to_ascii_lowercase)
}

/// The type an ending stands for.
pub(crate) fn content_type(name: &str) -> Option<&'static str> {
    media_type::of_extension(&ending(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_stands_under_the_users_own_id_in_a_folder_of_its_own() {
        assert_eq!(object("bot_7", "ab12", "a.pdf").as_deref(), Some("bot_7/ab12/a.pdf"));
        assert_eq!(object("", "ab12", "a.pdf"), None);
        assert_eq!(object(&"x".repeat(OBJECT_NAME_MAX), "ab12", "a.pdf"), None);
    }

    #[test]
    fn the_ending_tells_the_type_whatever_its_case() {
        assert_eq!(content_type("A.PDF"), Some("application/pdf"));
        assert_eq!(content_type("a.tar.gz"), Some("application/gzip"));
        assert_eq!(content_type("pdf"), None);
        assert_eq!(content_type("a.p/f"), None);
    }
}
