//! The databases and the keys themselves, for who keeps the box: asked at its console, which needs no right.

mod anchor;
mod check;
mod export;
mod info;
mod rekey;
mod release;
mod root;
mod scrub;

pub use anchor::{anchor, is_counted, key, set_anchor};
pub(crate) use check::Checks;
pub use check::{Checking, begin_check, end_check, look_at_check};
pub(crate) use export::Exports;
pub use export::{
    Planned, SNAPSHOT_FOLDER, SNAPSHOT_LOCK, Snapshot, begin_snapshot, exported, exports, look_at_snapshot,
    note_export, plan_export,
};
pub use info::info;
pub(crate) use rekey::resume;
pub use rekey::{Plan, Stage, Turn, branch_of, plan, rekey, turns};
pub use release::release;
pub use root::{change_recovery_key, change_root, count_keys};
pub(crate) use scrub::Scrubbing;
pub use scrub::{ScrubCounters, ScrubSettings, mend_from, scrub, scrub_counters, scrub_warnings, scrubbed};
