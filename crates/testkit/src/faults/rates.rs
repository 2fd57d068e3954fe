//! Random faults: percentages of pushes, answers and requests that go wrong. With zeros the server works normally.

use serde::Deserialize;

/// Percentages, drawn from the server's random numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FaultRates {
    /// A push to a connection is lost; the message is stored all the same.
    pub drop_push: u8,
    /// A push is written twice.
    pub repeat_push: u8,
    /// A push is written after the next push of its connection.
    pub swap_push: u8,
    /// The answer to a message is lost; the message is stored and pushed.
    pub lose_answer: u8,
    /// A message is acknowledged and not stored.
    pub ack_unstored: u8,
    /// A request that is not a message is answered with an internal error.
    pub fail_request: u8,
    /// A message that a user pulls too soon after learning of it by 1001 or 1006 is blanked: every pull returns a
    /// placeholder for it from then on, although it is stored.
    pub blank_pull: u8,
}

impl FaultRates {
    pub(crate) fn is_in_range(&self) -> bool {
        let Self { drop_push, repeat_push, swap_push, lose_answer, ack_unstored, fail_request, blank_pull } = *self;
        [drop_push, repeat_push, swap_push, lose_answer, ack_unstored, fail_request, blank_pull]
            .iter()
            .all(|percent| *percent <= 100)
    }
}
