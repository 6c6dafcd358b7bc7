//! What devices want to hear, known by the hash of what they can: most devices are of few programs.

use crate::App;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Hashes that are known at once; beyond it all are asked for anew.
const KNOWN_MAX: usize = 1000;

/// Nodes wanted, by hash.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<String, Arc<BTreeSet<String>>>>);

/// The nodes that devices of this hash want to hear of; `None`: not known yet.
#[must_use]
pub fn known_wants(app: &App, hash: &str) -> Option<Arc<BTreeSet<String>>> {
    app.wants.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
}

/// Devices of this hash want to hear of these nodes: the caller has checked that the hash is that of the answer.
pub fn learn_wants(app: &App, hash: &str, nodes: &Arc<BTreeSet<String>>) {
    let mut known = app.wants.0.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= KNOWN_MAX {
        known.clear();
    }
    known.insert(hash.to_owned(), Arc::clone(nodes));
}
