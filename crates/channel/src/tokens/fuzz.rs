//! Entries for the fuzz targets: templates and state files without a file or a request.

use serde_json::{Map, Value};

use super::state_file;
use super::template::Scope;

/// The template with its placeholders replaced; none if the state lacks a field.
pub fn fill_template(template: &str, account: &str, state: &Map<String, Value>) -> Option<String> {
    Scope { account, state }.fill(template).ok()
}

/// The content of a state file with these fields of an account; none if it is left alone.
pub fn merge_state(content: &[u8], account: &str, fields: &Map<String, Value>) -> Option<String> {
    state_file::merged(state_file::parse(content).ok()?, account, fields).ok()
}
