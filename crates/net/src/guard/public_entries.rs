//! Entries of `mediaHosts` whose names have led to the internet. Such an entry gives no access to private addresses: the
//! owner of a public name, who is not the operator, could let it lead to a private service later.

use std::collections::BTreeSet;
use std::net::IpAddr;

use parking_lot::Mutex;

use super::address::{Leads, leads};
use crate::host_patterns::HostPatterns;

/// The places of these entries in their list.
#[derive(Default)]
pub(crate) struct PublicEntries(Mutex<BTreeSet<usize>>);

impl PublicEntries {
    /// Notes where a name leads now. Whether one of its entries has led to private addresses only, so far.
    pub(super) fn is_private(&self, named: &HostPatterns, (name, port): (&str, u16), found: &[IpAddr]) -> bool {
        let mut public = self.0.lock();
        if found.iter().any(|address| leads(*address) == Leads::Out) {
            public.extend(named.entries_of(name, port));
        }
        named.entries_of(name, port).any(|entry| !public.contains(&entry))
    }
}
