//! 1303 to 1308: a user's own data changed, or the user came online or went.

use crate::message::lenient::element;

element! {
    /// The user whose data changed.
    UserRef {
        user_id: String = "userID",
    }
}

element! {
    /// A user who came online or went, and the platform.
    UserStatus {
        user_id: String = "fromUserID",
        /// 0: the user went.
        status: i32 = "status",
        platform_id: i32 = "platformID",
    }
}
