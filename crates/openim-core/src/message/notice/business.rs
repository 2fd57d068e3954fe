//! 2001: what an application server tells its users.

use crate::message::lenient::element;

element! {
    /// What an application server tells its users.
    Business {
        key: String = "key",
        data: String = "data",
    }
}
