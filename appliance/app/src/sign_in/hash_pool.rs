//! Argon2id off the async threads, in memory that each worker keeps from one password to the next (A2).
//!
//! A hundred sign-ins at once cost the memory of the workers, not of a hundred hashes; a worker without work gives it back.

use super::hash_queue::{Lane, Queue};
use crate::{AppError, Source};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;
use store::password::StoredPassword;
use tokio::sync::oneshot;
use zeroize::{Zeroize, Zeroizing};

/// OWASP's recommendation: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_LENGTH: usize = 32;

/// How far the workers give way to all other threads: whoever guesses passwords must not slow down those who are in (E5).
/// On a machine without other work they are as fast as ever.
const NICE: i32 = 19;

/// A worker waits so long with its memory, and then without: taking it anew costs some milliseconds.
const MEMORY_KEPT: Duration = Duration::from_secs(10);

struct Task {
    password: Zeroizing<String>,
    salt: Vec<u8>,
    answer: oneshot::Sender<Zeroizing<[u8; HASH_LENGTH]>>,
}

struct Waiting {
    tasks: Queue<Task>,
    /// Workers that hash for strangers, now and at most: one of several is always free for those who are known, and guesses
    /// leave a processor to those who are in (E5).
    strangers: usize,
    strangers_max: usize,
    closed: bool,
}

impl Waiting {
    fn new(workers: usize, queue_max: usize, queue_per_source_max: usize) -> Self {
        let tasks = Queue::new(queue_max, queue_per_source_max);
        Self { tasks, strangers: 0, strangers_max: workers.max(2) - 1, closed: false }
    }

    fn takes_strangers(&self) -> bool {
        self.strangers < self.strangers_max
    }

    fn has_next(&self) -> bool {
        self.tasks.has_next(self.takes_strangers())
    }

    fn pop(&mut self) -> Option<(bool, Task)> {
        let next = self.tasks.pop(self.takes_strangers());
        self.strangers += usize::from(matches!(next, Some((false, _))));
        next
    }
}

/// What the workers wait at.
struct Door {
    waiting: Mutex<Waiting>,
    opened: Condvar,
}

impl Door {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a worker does next; [`Next::Rest`] only where it `may_rest`.
    fn next(&self, may_rest: bool) -> Next {
        let mut waiting = self.waiting();
        loop {
            match waiting.pop() {
                Some((known, task)) => return Next::Hash { known, task },
                None if waiting.closed => return Next::End,
                None if may_rest => {
                    let nobody = |waiting: &mut Waiting| !waiting.has_next() && !waiting.closed;
                    let waited = self.opened.wait_timeout_while(waiting, MEMORY_KEPT, nobody);
                    let (woken, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() {
                        return Next::Rest;
                    }
                    waiting = woken;
                }
                None => waiting = self.opened.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// A worker has hashed for a stranger, and comes for what is next.
    fn served_stranger(&self) {
        self.waiting().strangers -= 1;
    }
}

enum Next {
    Hash {
        known: bool,
        task: Task,
    },
    /// Nobody has come for a while.
    Rest,
    End,
}

/// The workers.
pub(crate) struct HashPool {
    door: Arc<Door>,
}

impl HashPool {
    pub(crate) fn start(workers: usize, queue_max: usize, queue_per_source_max: usize) -> Self {
        let waiting = Waiting::new(workers, queue_max, queue_per_source_max);
        let door = Arc::new(Door { waiting: Mutex::new(waiting), opened: Condvar::new() });
        for _ in 0..workers.max(1) {
            let door = Arc::clone(&door);
            let worker = std::thread::Builder::new().name(String::from("password-hash"));
            if let Err(failure) = worker.spawn(move || work(&door)) {
                tracing::error!(%failure, "a password hashing thread could not be started");
            }
        }
        Self { door }
    }

    /// Hashes a password; refused when too many wait and others have more right to the room.
    async fn hash(&self, lane: Lane, password: &str, salt: &[u8]) -> Result<Zeroizing<[u8; HASH_LENGTH]>, AppError> {
        let (answer, answered) = oneshot::channel();
        let task = Task { password: Zeroizing::new(password.to_owned()), salt: salt.to_vec(), answer };
        let dropped = self.door.waiting().tasks.push(lane, task);
        // Whoever waits for what was dropped hears so by this.
        drop(dropped);
        self.door.opened.notify_one();
        answered.await.map_err(|_| AppError::Busy)
    }

    /// Passwords that wait, and those refused because the queue or that of their source was full.
    pub(crate) fn load(&self) -> (usize, (u64, u64)) {
        let waiting = self.door.waiting();
        (waiting.tasks.length(), waiting.tasks.refused())
    }

    /// Makes what is kept of a new password; of a stranger's, as one of those who wait at his source.
    pub(crate) async fn store(
        &self,
        stranger_at: Option<Source>,
        password: &str,
        salt: [u8; 16],
    ) -> Result<StoredPassword, AppError> {
        let lane = Lane { source: stranger_at.unwrap_or_default(), known: stranger_at.is_none() };
        let hash = self.hash(lane, password, &salt).await?.to_vec();
        Ok(StoredPassword { salt: salt.to_vec(), hash, memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES })
    }

    /// Compares in constant time. Without a stored password it takes as long and says no.
    pub(crate) async fn verify(
        &self,
        lane: Lane,
        password: &str,
        stored: Option<&StoredPassword>,
    ) -> Result<bool, AppError> {
        let hash = self.hash(lane, password, salt_of(stored)).await?;
        let expected = stored.map_or([0; HASH_LENGTH].as_slice(), |stored| stored.hash.as_slice());
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(hash.as_slice(), expected).is_ok();
        Ok(same && stored.is_some())
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.door.waiting().closed = true;
        self.door.opened.notify_all();
    }
}

/// The salt of a stored password, or of nobody's.
pub(crate) fn salt_of(stored: Option<&StoredPassword>) -> &[u8] {
    stored.map_or([0; 16].as_slice(), |stored| stored.salt.as_slice())
}

/// Gives way to all threads that do not.
fn step_back() {
    static TOLD: Once = Once::new();
    // Of a thread, not of the process: so Linux takes this call.
    if let Err(failure) = rustix::process::setpriority_process(None, NICE) {
        TOLD.call_once(|| tracing::warn!(%failure, "password hashing does not give way to other work"));
    }
}

fn work(door: &Door) {
    step_back();
    let Ok(params) = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_LENGTH)) else { return };
    let blocks = params.block_count();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut memory = Vec::new();
    loop {
        match door.next(!memory.is_empty()) {
            Next::Hash { known, task } => {
                memory.resize(blocks, Block::default());
                hash(&argon, &mut memory, task);
                if !known {
                    door.served_stranger();
                }
            }
            Next::Rest => memory = Vec::new(),
            Next::End => return,
        }
    }
}

/// Leaves nothing of the password in the memory.
fn hash(argon: &Argon2<'_>, memory: &mut [Block], task: Task) {
    let mut hash = Zeroizing::new([0; HASH_LENGTH]);
    let done =
        argon.hash_password_into_with_memory(task.password.as_bytes(), &task.salt, hash.as_mut_slice(), &mut *memory);
    for block in memory {
        block.as_mut().zeroize();
    }
    match done {
        // Who asked may have gone: nobody wants the answer then.
        Ok(()) => drop(task.answer.send(hash)),
        Err(failure) => tracing::error!(%failure, "a password could not be hashed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let (answer, _) = oneshot::channel();
        Task { password: Zeroizing::default(), salt: Vec::new(), answer }
    }

    /// Whom the workers that are free serve now: `true` is somebody who is known.
    fn served(waiting: &mut Waiting) -> Vec<bool> {
        std::iter::from_fn(|| waiting.pop()).map(|(known, _)| known).collect()
    }

    #[test]
    fn guesses_never_hold_all_workers_but_a_single_one_a5_e5() {
        for (workers, at_once) in [(1, 1), (2, 1), (3, 2)] {
            let mut waiting = Waiting::new(workers, 100, 100);
            for _ in 0..10 {
                assert!(waiting.tasks.push(Lane { known: false, ..Lane::default() }, task()).is_none());
            }
            assert_eq!(served(&mut waiting), vec![false; at_once], "of {workers}");
            assert!(!waiting.has_next());
            assert!(waiting.tasks.push(Lane { known: true, ..Lane::default() }, task()).is_none());
            assert_eq!(served(&mut waiting), [true], "of {workers}");
            waiting.strangers -= 1;
            assert_eq!(served(&mut waiting), [false], "who has served a stranger serves the next one");
        }
    }
}
