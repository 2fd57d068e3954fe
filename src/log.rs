//! Lines for the operator's log. They cross with the batches and are handed to `onLog`.

use crate::packed::packed;

packed! {
    /// A line for the operator's log. It holds nothing secret.
    LogLine {
        #[ts(type = "'debug' | 'info' | 'warn' | 'error'")]
        level: &'a str = "level",
        /// The account that the line is about.
        account_id: &'a str = "accountId",
        message: &'a str = "message",
    }
}
