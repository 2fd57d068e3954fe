//! HTTP without routes: answers, and the JSON bodies that the REST and control APIs share.

pub(crate) mod api;
pub(crate) mod faults;
pub(crate) mod response;
