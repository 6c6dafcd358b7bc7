//! Long runs in numbered parts, each played from the seed and its number alone: on all cores, with a word about how far they
//! are, and taken up again at any part.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::support::Seeded;

/// How often a long run says how far it is.
const WORD_EVERY: Duration = Duration::from_secs(30);

/// Whether there is time.
pub(crate) fn full() -> bool {
    std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1")
}

fn seed() -> u64 {
    let given = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(20_261_130)
}

/// `RAINBOW_EDGE_POWER=NAME:PART`: only the run of that name, from that part on.
fn chosen() -> Option<(String, usize)> {
    let text = std::env::var("RAINBOW_EDGE_POWER").ok()?;
    let (name, part) = text.rsplit_once(':').expect("RAINBOW_EDGE_POWER is NAME:PART");
    Some((name.to_owned(), part.parse().expect("a part has a number")))
}

/// What the parts of a run found together.
pub(crate) trait Tally: Default + Send {
    fn add(&mut self, other: Self);
    /// How much was shown so far.
    fn count(&self) -> u64;
}

/// How far a run is.
struct Progress<T> {
    tally: T,
    done: BTreeSet<usize>,
    said: Instant,
    failed: Option<String>,
}

/// Runs `parts` parts of the run called `name`, each with its own generator, and says how many `of` in a second. `None` where
/// another run was asked for, or only the rest of this one: then less was seen than the caller may expect.
pub(crate) fn run<T: Tally>(
    (name, of): (&str, &str),
    parts: usize,
    part: impl Fn(usize, &mut Seeded) -> Result<T, String> + Sync,
) -> Option<T> {
    let chosen = chosen();
    if chosen.as_ref().is_some_and(|(run, _)| run != name) {
        return None;
    }
    let (seed, first, begun) = (seed(), chosen.map_or(0, |(_, first)| first), Instant::now());
    let next = AtomicUsize::new(first);
    let progress =
        Mutex::new(Progress { tally: T::default(), done: BTreeSet::new(), said: Instant::now(), failed: None });
    let again = |part: usize| format!("RAINBOW_EDGE_SEED={seed} RAINBOW_EDGE_POWER={name}:{part}");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let stop = number >= parts || progress.lock().unwrap_or_else(PoisonError::into_inner).failed.is_some();
            if stop {
                return;
            }
            let own = seed.wrapping_mul(0x0100_0003).wrapping_add(number as u64);
            let found = part(number, &mut Seeded(own));
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(tally) => progress.tally.add(tally),
                Err(text) => {
                    progress.failed.get_or_insert(format!("{text}; once more: {}", again(number)));
                    return;
                }
            }
            progress.done.insert(number);
            if full() && progress.said.elapsed() > WORD_EVERY {
                progress.said = Instant::now();
                let undone = (first..).find(|part| !progress.done.contains(part)).unwrap_or(parts);
                let count = progress.tally.count();
                let rate = count as f64 / begun.elapsed().as_secs_f64();
                let say = format!("{name}: {count} {of}, {rate:.0} a second, part {undone} of {parts}; on from here: ");
                // Past the tests' own capture, which shows nothing before the end.
                let _ = writeln!(std::io::stderr(), "{say}{}", again(undone));
            }
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(worker))));
    let Progress { tally, failed, .. } = progress.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = failed {
        panic!("{name}: {text}");
    }
    let (count, took) = (tally.count(), begun.elapsed().as_secs_f64());
    println!(
        "{name}: {count} {of} in {took:.1} s, {:.0} a second on {threads} threads, seed {seed}",
        count as f64 / took
    );
    (first == 0).then_some(tally)
}
