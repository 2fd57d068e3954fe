//! `contentType` 108: somebody's card.

use super::lenient::element;

element! {
    /// Somebody's card.
    Card {
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL" | "faceUrl",
        ex: String = "ex",
    }
}
