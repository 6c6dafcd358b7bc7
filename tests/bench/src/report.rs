//! What was measured, of which server, and how the box compares.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// Something that is measured of every server.
#[derive(Debug, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub unit: &'static str,
    /// Whether more is better.
    pub more: bool,
    /// What the box is to reach.
    pub target: Option<u32>,
}

const PER_CPU_S: &str = "per CPU-second";
const MB_PER_CPU_S: &str = "MB per CPU-second";

const fn more(name: &'static str, unit: &'static str, target: Option<u32>) -> Figure {
    Figure { name, unit, more: true, target }
}

const fn less(name: &'static str, unit: &'static str, target: Option<u32>) -> Figure {
    Figure { name, unit, more: false, target }
}

pub const LOG_INS: Figure = more("log-ins by SCRAM-SHA-256", PER_CPU_S, None);
pub const IDLE: Figure = less("an idle session", "kB", Some(15));
pub const ALL_IDLE: Figure = less("10,000 idle sessions, all memory", "MiB", Some(150));
pub const MESSAGES: Figure = more("archived 1:1 messages, saturated", PER_CPU_S, Some(20_000));
pub const MESSAGES_WALL: Figure = more("archived 1:1 messages, saturated, by the clock", "per second", None);
pub const P50_AT_80: Figure = less("latency p50 at 80 % of Prosody's most", "ms", None);
pub const P99_AT_80: Figure = less("latency p99 at 80 % of Prosody's most", "ms", None);
pub const P50_AT_1000: Figure = less("latency p50 at 1,000 messages/s", "ms", None);
pub const P99_AT_1000: Figure = less("latency p99 at 1,000 messages/s", "ms", Some(5));
pub const P99_IN_STORM: Figure = less("latency p99 while 500 people come back within 10 s", "ms", Some(1000));
pub const P99_IN_FLOODS: Figure =
    less("latency p99 of 100 people beside the worst flood, times that without", "times", Some(2));
pub const PRESENCES: Figure = more("presence to 200 colleagues, deliveries", PER_CPU_S, Some(100_000));

/// Of `bench xmpp`, in the order of the table.
pub const XMPP: &[&Figure] = &[
    &LOG_INS,
    &IDLE,
    &ALL_IDLE,
    &MESSAGES,
    &MESSAGES_WALL,
    &P50_AT_80,
    &P99_AT_80,
    &P50_AT_1000,
    &P99_AT_1000,
    &P99_IN_STORM,
    &P99_IN_FLOODS,
    &PRESENCES,
];

pub const ROOM_200: Figure = more("a message to a bubble of 200, deliveries", PER_CPU_S, None);
pub const ROOM_1000: Figure = more("a message to a bubble of 1,000, deliveries", PER_CPU_S, None);
pub const PAGES: Figure = more("pages of 50 of a bubble's 10,000 archived messages", PER_CPU_S, None);
pub const SLOT_UPLOAD: Figure = more("files of 10 MB put into slots (XEP-0363)", MB_PER_CPU_S, None);
pub const SLOT_UPLOAD_SCANNED: Figure = more("the same, the virus scanner counted", MB_PER_CPU_S, None);
pub const UPLOAD: Figure = more("files of 10 MB put by REST", MB_PER_CPU_S, None);
pub const UPLOAD_SCANNED: Figure = more("the same by REST, the virus scanner counted", MB_PER_CPU_S, None);
pub const SLOT_DOWNLOAD: Figure = more("files of 10 MB got from slots", MB_PER_CPU_S, None);
pub const DOWNLOAD: Figure = more("files of 10 MB got by REST", MB_PER_CPU_S, None);

/// Of `bench collaboration`, in the order of the table.
pub const COLLABORATION: &[&Figure] = &[
    &ROOM_200,
    &ROOM_1000,
    &PAGES,
    &SLOT_UPLOAD,
    &SLOT_UPLOAD_SCANNED,
    &UPLOAD,
    &UPLOAD_SCANNED,
    &SLOT_DOWNLOAD,
    &DOWNLOAD,
];

/// All that was measured.
#[derive(Debug)]
pub struct Report {
    figures: &'static [&'static Figure],
    /// The box first.
    servers: Vec<(&'static str, &'static str)>,
    values: Vec<(&'static Figure, &'static str, f64)>,
}

impl Report {
    /// Nothing yet of these figures.
    #[must_use]
    pub fn of(figures: &'static [&'static Figure]) -> Self {
        Self { figures, servers: Vec::new(), values: Vec::new() }
    }

    /// Notes a server: its name, and what it has done when it delivers.
    pub fn server(&mut self, name: &'static str, durability: &'static str) {
        if !self.servers.contains(&(name, durability)) {
            self.servers.push((name, durability));
        }
    }

    /// Notes a value, and prints it: a run takes minutes.
    pub fn note(&mut self, figure: &'static Figure, server: &'static str, value: f64) {
        println!("{server}: {} {} {}", figure.name, shown(value), figure.unit);
        self.values.push((figure, server, value));
    }

    fn value(&self, figure: &Figure, server: &str) -> Option<f64> {
        let of_it = self.values.iter().find(|(known, name, _)| *known == figure && *name == server);
        of_it.map(|(_, _, value)| *value)
    }

    /// One entry for each figure of `ours` and each peer that has it; one without a peer where none has.
    #[must_use]
    pub fn to_json(&self, ours: &str) -> Value {
        let mut list = Vec::new();
        for figure in self.figures {
            let Some(own) = self.value(figure, ours) else { continue };
            let met = figure.target.map(|target| meets(figure, own, f64::from(target)));
            let peers = self.servers.iter().filter(|(name, _)| *name != ours);
            let compared: Vec<_> = peers.filter_map(|(name, _)| Some((*name, self.value(figure, name)?))).collect();
            let entry = |against: Option<&str>, peer: Option<f64>| {
                let ratio = peer.map(|peer| times_better(figure, own, peer));
                json!({ "name": figure.name, "against": against, "ours": own, "peer": peer, "unit": figure.unit,
                        "ratio": ratio, "target": figure.target, "met": met })
            };
            if compared.is_empty() {
                list.push(entry(None, None));
            }
            list.extend(compared.into_iter().map(|(name, value)| entry(Some(name), Some(value))));
        }
        Value::Array(list)
    }

    /// The same for people, in Markdown: in brackets, how many times better the box is.
    #[must_use]
    pub fn to_table(&self, ours: &str) -> String {
        let mut table = String::from("| |");
        for (name, _) in &self.servers {
            let _ = write!(table, " {name} |");
        }
        table.push_str(" target |\n|---|");
        table.push_str(&"---|".repeat(self.servers.len() + 1));
        table.push_str("\n| when it delivers, a message is |");
        for (_, durability) in &self.servers {
            let _ = write!(table, " {durability} |");
        }
        table.push_str(" |\n");
        for figure in self.figures {
            let own = self.value(figure, ours);
            let cell = |(name, _): &(&'static str, _)| match (self.value(figure, name), own) {
                (None, _) => String::from("-"),
                (Some(value), Some(own)) if *name != ours => {
                    format!("{} ({}x)", shown(value), shown(times_better(figure, own, value)))
                }
                (Some(value), _) => shown(value),
            };
            let cells: Vec<String> = self.servers.iter().map(cell).collect();
            let target = match (figure.target, own) {
                (Some(target), Some(own)) if meets(figure, own, f64::from(target)) => format!("{target}, met"),
                (Some(target), _) => format!("{target}, not met"),
                (None, _) => String::from("-"),
            };
            let _ = writeln!(table, "| {}, {} | {} | {target} |", figure.name, figure.unit, cells.join(" | "));
        }
        table
    }
}

fn meets(figure: &Figure, value: f64, target: f64) -> bool {
    if figure.more { value >= target } else { value <= target }
}

fn times_better(figure: &Figure, own: f64, peer: f64) -> f64 {
    if figure.more { own / peer } else { peer / own }
}

/// Three digits that count.
fn shown(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_says_how_many_times_better_the_box_is_whichever_way_is_better() {
        let mut report = Report::of(XMPP);
        report.server("ours", "synced");
        report.server("peer", "never");
        for (figure, own, peer) in [(&MESSAGES, 3000.0, 1500.0), (&P99_AT_1000, 6.0, 3.0)] {
            report.note(figure, "ours", own);
            report.note(figure, "peer", peer);
        }
        report.note(&ALL_IDLE, "ours", 149.0);
        let list = report.to_json("ours");
        let of = |at: usize| (list[at]["ratio"].as_f64(), list[at]["met"].as_bool());
        assert_eq!(of(0), (None, Some(true)), "what no peer has stands alone: {list}");
        assert_eq!(of(1), (Some(2.0), Some(false)), "{list}");
        assert_eq!(of(2), (Some(0.5), Some(false)), "{list}");
        let table = report.to_table("ours");
        assert!(table.contains("| 3000 | 1500 (2.00x) | 20000, not met |"), "{table}");
    }
}
