//! The check that most control calls begin with.

use crate::refusal::Refusal;
use crate::server::Server;

/// Checks that the user is registered.
pub(super) fn known(server: &Server, user_id: &str) -> Result<(), Refusal> {
    if server.look(|state| state.model.users.exists(user_id)) {
        return Ok(());
    }
    Err(Refusal::not_found(format!("user {user_id:.64?} is not registered")))
}
