//! A hundred people who write to one another while strangers flood the box (E5), or while one of their colleagues says
//! without end where he is.

use super::chat::{self, Load};
use super::{Span, available, employ};
use crate::attack::Flood;
use crate::latency::Latencies;
use crate::server::Server;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

/// What the pairs write a second.
const PER_S: u32 = 200;
/// Between two presences of who does not stop.
const PRESENCE_EVERY: Duration = Duration::from_millis(2);

/// How long messages were on their way with nobody else there, and in each flood.
#[derive(Clone, Debug)]
pub struct Floods {
    pub quiet: Latencies,
    pub beside: Vec<(&'static str, Latencies)>,
}

impl Floods {
    /// How many times longer the slowest hundredth was on its way in the worst of the floods; and in which.
    #[must_use]
    pub fn worst(&self) -> (f64, &'static str) {
        let times = |latencies: &Latencies| latencies.quantile_ms(0.99) / self.quiet.quantile_ms(0.99);
        let all = self.beside.iter().map(|(name, latencies)| (times(latencies), *name));
        all.fold((0.0, "none"), |worst, one| if one.0 > worst.0 { one } else { worst })
    }
}

/// Lets them write in each of the floods, after a while in peace. `attacker` is the program that floods.
///
/// # Errors
/// When a message is lost or refused, or a flood was none.
pub async fn run(server: &Server, pairs: usize, span: Span, attacker: &str) -> Result<Floods, String> {
    let load = Load::Open { per_s: PER_S };
    let written =
        |chat: chat::Chat| if chat.lost == 0 { Ok(chat.latencies) } else { Err(format!("{} lost", chat.lost)) };
    let quiet = written(chat::run(server, pairs, load, span).await?)?;
    let mut beside = Vec::new();
    for flood in Flood::ALL {
        let strangers = begin(server, flood, span, attacker)?;
        let latencies = written(chat::run(server, pairs, load, span).await?)?;
        let acts = end(strangers).await?;
        println!("{}: {acts} times, p99 {:.1} ms", flood.word(), latencies.quantile_ms(0.99));
        if acts == 0 {
            return Err(format!("{} was no flood", flood.word()));
        }
        beside.push((flood.word(), latencies));
    }
    let talking = talk(server).await?;
    let latencies = written(chat::run(server, pairs, load, span).await?)?;
    println!("presences: p99 {:.1} ms", latencies.quantile_ms(0.99));
    talking.abort();
    beside.push(("presences", latencies));
    Ok(Floods { quiet, beside })
}

fn begin(server: &Server, flood: Flood, span: Span, attacker: &str) -> Result<Child, String> {
    let ca = server.ca_file().ok_or("only a box is flooded")?;
    let seconds = (span.warm_up + span.measured).as_secs().max(1) + 1;
    let mut command = Command::new("nice");
    command.args(["-n", "19", attacker, "--attack", flood.word()]);
    command.args([server.port.to_string(), seconds.to_string()]).arg(ca);
    command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{attacker}: {error}"))
}

/// How often they did it.
async fn end(strangers: Child) -> Result<u64, String> {
    let ended = tokio::task::spawn_blocking(|| strangers.wait_with_output()).await;
    let output = ended.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&output.stdout);
    told.trim().parse().map_err(|_| format!("the attackers ended by {}: {told}", output.status))
}

/// All colleagues are there, and the first of them does not stop to change his presence. The box may end his session.
async fn talk(server: &Server) -> Result<tokio::task::JoinHandle<()>, String> {
    let sessions = available(server, &server.accounts.colleagues).await?;
    let everybody: Vec<_> = sessions.into_iter().map(|session| employ(session, |_| ())).collect();
    Ok(tokio::task::spawn_local(async move {
        for show in ["away", "dnd", "xa", "chat"].into_iter().cycle() {
            let text = format!("<presence xmlns='jabber:client'><show>{show}</show></presence>");
            // Whether he is still there is of no consequence.
            let _ = everybody.first().map(|talker| talker.try_send(Rc::from(text)));
            tokio::time::sleep(PRESENCE_EVERY).await;
        }
    }))
}
