//! Uploads against the dev server's object storage, with a gate in between that watches, refuses and loses.

mod arriving;
mod faults;
mod files;
mod gate;
