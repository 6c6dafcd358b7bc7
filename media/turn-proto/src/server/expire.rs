//! How allocations end.

use std::time::Duration;

use super::{Ports, Server};
use crate::{Client, Now};

impl Server {
    /// Ends what has expired, and forgets permissions and channels that have. To be called about once a second.
    pub fn expire<P: Ports>(&mut self, now: Now, ports: &mut P) {
        self.settle_all(ports, now);
        self.end_those(now, ports, |allocation| allocation.expires <= now.since_start);
        self.allocations.iter_mut().for_each(|allocation| allocation.tidy(now.since_start));
    }

    /// Ends everything of a person that was allocated with a credential that expires then or before. [`crate::People::revoke`]
    /// comes first, so that nothing new is made.
    pub fn revoke<P: Ports>(&mut self, person: &str, expiry_s_max: u64, now: Now, ports: &mut P) {
        self.end_those(now, ports, |allocation| {
            allocation.person.name() == person && allocation.credential_expires_unix_s <= expiry_s_max
        });
    }

    /// A stream was closed: what was allocated by it ends.
    pub fn closed<P: Ports>(&mut self, client: &Client, now: Now, ports: &mut P) {
        self.end(client, now, ports);
    }

    /// Whether anybody has anything here.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.allocations.len() == 0
    }

    fn end_those<P: Ports>(&mut self, now: Now, ports: &mut P, which: impl Fn(&crate::allocation::Allocation) -> bool) {
        let over: Vec<Client> =
            self.allocations.iter().filter(|one| which(one)).map(|allocation| allocation.client).collect();
        over.iter().for_each(|client| self.end(client, now, ports));
    }

    pub(super) fn end<P: Ports>(&mut self, client: &Client, now: Now, ports: &mut P) {
        let Some(mut allocation) = self.allocations.remove(client) else { return };
        self.settle_last(&mut allocation, now, ports);
        allocation.relayed.iter().filter_map(|relayed| relayed.socket).for_each(|socket| ports.close(socket));
        self.people.leave(&allocation.person, client, allocation.traffic, now);
    }

    pub(super) fn end_if_expired<P: Ports>(&mut self, client: &Client, now: Now, ports: &mut P) {
        let expires = self.allocations.of(client).map_or(Duration::MAX, |allocation| allocation.expires);
        if expires <= now.since_start {
            self.end(client, now, ports);
        }
    }
}
