//! `contentType` 109: a place.

use super::lenient::element;

element! {
    /// A place.
    Location {
        description: String = "description",
        longitude: f64 = "longitude",
        latitude: f64 = "latitude",
    }
}
