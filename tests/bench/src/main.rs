//! `xmpp-bench xmpp [--full] [--ours] [--scenario NAME]`: measures the box and other XMPP servers and writes the table.
//! `xmpp-bench collaboration [--ours] [--scenario NAME]`: the same of rooms, their archives, and files.
//! `xmpp-bench --attack FLOOD PORT SECONDS CA_FILE`: the strangers of the scenario `flood`; tells how often they did it.

mod collaboration;

use bench::attack::Flood;
use bench::report::{self, Report};
use bench::scenario::chat::{self, Load};
use bench::scenario::{Span, fan_out, flood, idle, log_in, storm};
use bench::server::{Server, Sizes, edge, ejabberd, prosody};
use std::path::Path;
use std::time::Duration;

const LOG_INS: usize = 1000;
const IDLE: usize = 2000;
const ALL_IDLE: usize = 10_000;
const PAIRS: usize = 50;
/// People who come back within the time that is measured.
const COMING_BACK: usize = 500;
const COLLEAGUES: usize = 200;
const SATURATION: Load = Load::Closed { outstanding: 400 };
const PER_S: u32 = 1000;
/// What Prosody's most is taken for where Prosody is not measured.
const PROSODYS_MOST: f64 = 1685.0;
const OF_PEERS: Sizes = Sizes { strangers: IDLE, writers: PAIRS * 2, colleagues: COLLEAGUES, rooms: &[] };
const SPAN: Span = Span { warm_up: Duration::from_secs(2), measured: Duration::from_secs(10) };

/// What is asked for.
struct Plan {
    full: bool,
    ours: bool,
    scenario: Option<String>,
    report: Report,
    /// Messages per second that the latency is looked at, beside a thousand.
    at_80: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let scenario = arguments.iter().position(|argument| argument == "--scenario");
    let scenario = scenario.and_then(|at| arguments.get(at + 1)).cloned();
    let (full, ours) = (has("--full"), has("--ours"));
    bench::take_all_files();
    if let [first, told @ ..] = arguments.as_slice()
        && first == "--attack"
    {
        return attack(told).await;
    }
    let everything = tokio::task::LocalSet::new();
    match arguments.first().map(String::as_str) {
        Some("xmpp") => {
            let report = Report::of(report::XMPP);
            let mut plan = Plan { full, ours, scenario, report, at_80: eighty_percent(PROSODYS_MOST) };
            everything.run_until(plan.carry_out()).await?;
            tell("xmpp", &plan.report)
        }
        Some("collaboration") => {
            let mut plan = collaboration::Plan::new(ours, scenario);
            everything.run_until(plan.carry_out()).await?;
            tell("collaboration", plan.report())
        }
        _ => Err(String::from("name what to measure: xmpp or collaboration")),
    }
}

/// Prints the table, and writes `target/bench/NAME.json`.
fn tell(name: &str, report: &Report) -> Result<(), String> {
    println!("\n{}", report.to_table(edge::NAME));
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench"));
    let file = folder.join(format!("{name}.json"));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, format!("{:#}\n", report.to_json(edge::NAME))));
    written.map_err(|error| format!("{}: {error}", file.display()))
}

async fn attack(told: &[String]) -> Result<(), String> {
    let [flood, port, seconds, ca] = told else { return Err(String::from("--attack FLOOD PORT SECONDS CA_FILE")) };
    let flood = Flood::named(flood).ok_or_else(|| format!("{flood} is no flood"))?;
    let number = |text: &String| text.parse::<u16>().map_err(|_| format!("{text} is no number"));
    let span = Duration::from_secs(number(seconds)?.into());
    println!("{}", flood.run(number(port)?, Path::new(ca), span).await);
    Ok(())
}

fn eighty_percent(most: f64) -> u32 {
    // A rate of messages per second: whole and positive.
    format!("{:.0}", most * 0.8).parse().unwrap_or(PER_S)
}

impl Plan {
    fn wants(&self, scenario: &str) -> bool {
        self.scenario.as_ref().is_none_or(|wanted| wanted == scenario)
    }

    /// Peers first: how fast messages are offered follows from what Prosody can do.
    async fn carry_out(&mut self) -> Result<(), String> {
        self.report.server(edge::NAME, edge::DURABILITY);
        if !self.ours {
            let mut peer = prosody::start(prosody::Archive::Files, OF_PEERS);
            self.measure(&mut peer, true).await?;
            drop(peer);
            let mut peer = prosody::start(prosody::Archive::Sql, OF_PEERS);
            self.measure(&mut peer, self.full).await?;
            drop(peer);
            let mut peer = ejabberd::start(ejabberd::Archive::Mnesia, OF_PEERS);
            self.measure(&mut peer, true).await?;
            drop(peer);
            let mut peer = ejabberd::start(ejabberd::Archive::Sql, OF_PEERS);
            self.measure(&mut peer, self.full).await?;
        }
        let strangers = if self.wants("idle") { ALL_IDLE } else { LOG_INS };
        let mut own = edge::start(Sizes { strangers, ..OF_PEERS }).await;
        self.measure(&mut own, true).await?;
        if self.wants("idle") {
            own.restart();
            let all = idle::run(&own, ALL_IDLE).await?;
            self.report.note(&report::ALL_IDLE, own.name, all.resident_mib);
        }
        drop(own);
        if self.wants("flood") {
            // As it comes: its limits are what it has against floods.
            let own = edge::start_as_shipped(OF_PEERS).await;
            let attacker = std::env::current_exe().map_err(|error| error.to_string())?;
            let floods = flood::run(&own, PAIRS, SPAN, &attacker.to_string_lossy()).await?;
            let (times, which) = floods.worst();
            println!("p99 without a flood {:.1} ms; the worst is {which}", floods.quiet.quantile_ms(0.99));
            self.report.note(&report::P99_IN_FLOODS, own.name, times);
        }
        Ok(())
    }

    /// `all`: not only messages, for which the kind of archive counts.
    async fn measure(&mut self, server: &mut Server, all: bool) -> Result<(), String> {
        self.report.server(server.name, server.durability);
        if all && self.wants("idle") {
            // Before anything else has made the server grow.
            let idle = idle::run(server, IDLE).await?;
            self.report.note(&report::IDLE, server.name, idle.kib_per_session);
            server.restart();
        }
        if all && self.wants("log-in") {
            let logins = log_in::run(server, LOG_INS).await?;
            self.report.note(&report::LOG_INS, server.name, logins.per_cpu_s);
        }
        if self.wants("chat") {
            self.chat(server).await?;
        }
        if self.wants("latency") {
            self.latency(server, all).await?;
        }
        if all && self.wants("storm") {
            let storm = storm::run(server, COMING_BACK, PAIRS, SPAN).await?;
            if storm.lost > 0 {
                return Err(format!("{}: {} messages were lost", server.name, storm.lost));
            }
            self.report.note(&report::P99_IN_STORM, server.name, storm.latencies.quantile_ms(0.99));
        }
        if all && self.wants("fan-out") {
            let heard = fan_out::run(server, COLLEAGUES, SPAN).await?;
            self.report.note(&report::PRESENCES, server.name, heard.per_cpu_s);
        }
        Ok(())
    }

    async fn chat(&mut self, server: &Server) -> Result<(), String> {
        let chat = chat::run(server, PAIRS, SATURATION, SPAN).await?;
        self.report.note(&report::MESSAGES, server.name, chat.per_cpu_s);
        self.report.note(&report::MESSAGES_WALL, server.name, chat.per_s);
        if server.name == prosody::NAME {
            self.at_80 = eighty_percent(chat.per_s);
        }
        Ok(())
    }

    /// Only of who keeps the pace: of others it would be the length of a queue.
    async fn latency(&mut self, server: &Server, all: bool) -> Result<(), String> {
        if !all || server.name == ejabberd::NAME && !self.full {
            return Ok(());
        }
        let at_80 = chat::run(server, PAIRS, Load::Open { per_s: self.at_80 }, SPAN).await?;
        self.report.note(&report::P50_AT_80, server.name, at_80.latencies.quantile_ms(0.5));
        self.report.note(&report::P99_AT_80, server.name, at_80.latencies.quantile_ms(0.99));
        let at_1000 = chat::run(server, PAIRS, Load::Open { per_s: PER_S }, SPAN).await?;
        self.report.note(&report::P50_AT_1000, server.name, at_1000.latencies.quantile_ms(0.5));
        self.report.note(&report::P99_AT_1000, server.name, at_1000.latencies.quantile_ms(0.99));
        Ok(())
    }
}
