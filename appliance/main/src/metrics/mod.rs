//! Numbers for Prometheus (F4): one file a noun, one line in [`NOUNS`]; `docs/metrics.md` tells what each means.
//!
//! They tell how much and how often, never who: no account, address, company or name is a label.

mod about;
mod backups;
mod connections;
mod databases;
mod devices;
mod files;
mod limits;
mod listen;
mod page;
mod process;
mod pushes;
mod relay;
mod requests;
mod scrub;
mod sign_ins;
mod streams;

use app::{App, Load, installation};
use gate::{Counters, Gate, GateCounters, Occupancy, Occupied};
use page::Page;
use std::sync::Arc;
use xmpp::Endpoint;

pub use listen::open;
pub(crate) use listen::serve;

const NOUNS: &[fn(&Seen<'_>, &mut Page)] = &[
    about::write,
    process::write,
    connections::write,
    requests::write,
    limits::write,
    sign_ins::write,
    streams::write,
    devices::write,
    databases::write,
    pushes::write,
    files::write,
    relay::write,
    scrub::write,
    backups::write,
];

/// Where the numbers come from.
pub(crate) struct Sources {
    app: Arc<App>,
    endpoint: Arc<Endpoint>,
    gate: Arc<Counters>,
    occupancy: Occupancy,
    started_ms: i64,
}

/// What was read for one page.
struct Seen<'a> {
    app: &'a App,
    xmpp: &'a xmpp::Counters,
    gate: GateCounters,
    occupied: Occupied,
    load: Load,
    started_ms: i64,
}

impl Seen<'_> {
    fn commits(&self) -> &store::Counters {
        installation::commits(self.app)
    }
}

impl Sources {
    pub(crate) fn new(app: &Arc<App>, endpoint: &Arc<Endpoint>, gate: &Gate, started_ms: i64) -> Self {
        let (app, endpoint) = (Arc::clone(app), Arc::clone(endpoint));
        Self { app, endpoint, gate: gate.counters(), occupancy: gate.occupancy(), started_ms }
    }

    fn page(&self) -> String {
        let seen = Seen {
            app: &self.app,
            xmpp: self.endpoint.counters(),
            gate: self.gate.read(),
            occupied: self.occupancy.read(),
            load: installation::load(&self.app),
            started_ms: self.started_ms,
        };
        let mut page = Page::default();
        for write in NOUNS {
            write(&seen, &mut page);
        }
        page.into_text()
    }
}
