//! What is known of the relay in memory.

use super::credentials::CredentialsKey;
use super::node::NodeState;
use super::site::{self, Site};
use crate::AppError;
use crate::pace::Paces;
use domain::ids::UserId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Purpose, Store, relay, relay_revoked};
use tokio::sync::watch;

/// The key of the box's own node, the relays of other sites, who is shut out, and how the node is.
pub(crate) struct Desk {
    pub(super) key: CredentialsKey,
    sites: Mutex<Arc<[Site]>>,
    revoked: Mutex<BTreeMap<UserId, i64>>,
    pub(super) pace: Mutex<Paces>,
    node: Mutex<NodeState>,
    /// Wakes whoever speaks with the node.
    pub(super) changed: watch::Sender<()>,
}

impl Desk {
    pub(crate) async fn load(store: &Store) -> Result<Self, AppError> {
        let read = store.directory().read(|c| Ok::<_, AppError>((relay::list(c)?, relay_revoked::list(c)?)));
        let (sites, revoked) = read.await?;
        let key = store.derive(Purpose::RelayCredentials);
        let key = CredentialsKey::new(key.expose()).ok_or(AppError::NotFound("the relay's key"))?;
        Ok(Self {
            key,
            sites: Mutex::new(sites.into_iter().filter_map(site::of_row).collect()),
            revoked: Mutex::new(revoked.into_iter().collect()),
            pace: Mutex::default(),
            node: Mutex::default(),
            changed: watch::Sender::default(),
        })
    }

    pub(super) fn sites(&self) -> Arc<[Site]> {
        Arc::clone(&locked(&self.sites))
    }

    pub(super) fn set_sites(&self, sites: Vec<Site>) {
        *locked(&self.sites) = sites.into();
    }

    /// Who is shut out, and since when.
    pub(super) fn revoked(&self) -> MutexGuard<'_, BTreeMap<UserId, i64>> {
        locked(&self.revoked)
    }

    pub(super) fn node(&self) -> MutexGuard<'_, NodeState> {
        locked(&self.node)
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
