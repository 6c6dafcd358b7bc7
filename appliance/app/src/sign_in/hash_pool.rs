//! Argon2id off the async threads, in memory that is allocated once per worker (A2).
//!
//! A hundred sign-ins at once cost the memory of the workers, not of a hundred hashes.

use crate::AppError;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use store::password::StoredPassword;
use tokio::sync::{mpsc, oneshot};
use zeroize::{Zeroize, Zeroizing};

/// OWASP's recommendation: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_LENGTH: usize = 32;

struct Task {
    password: Zeroizing<String>,
    salt: Vec<u8>,
    answer: oneshot::Sender<Zeroizing<[u8; HASH_LENGTH]>>,
}

/// The workers.
pub(crate) struct HashPool {
    queue: mpsc::Sender<Task>,
}

impl HashPool {
    pub(crate) fn start(workers: usize, queue_max: usize) -> Self {
        let (queue, tasks) = mpsc::channel(queue_max.max(1));
        let tasks = std::sync::Arc::new(std::sync::Mutex::new(tasks));
        for _ in 0..workers.max(1) {
            let tasks = std::sync::Arc::clone(&tasks);
            let worker = std::thread::Builder::new().name(String::from("password-hash"));
            if let Err(failure) = worker.spawn(move || work(&tasks)) {
                tracing::error!(%failure, "a password hashing thread could not be started");
            }
        }
        Self { queue }
    }

    /// Hashes a password; refused at once when too many wait.
    pub(crate) async fn hash(&self, password: &str, salt: &[u8]) -> Result<Zeroizing<[u8; HASH_LENGTH]>, AppError> {
        let (answer, answered) = oneshot::channel();
        let task = Task { password: Zeroizing::new(password.to_owned()), salt: salt.to_vec(), answer };
        self.queue.try_send(task).map_err(|_| AppError::Busy)?;
        answered.await.map_err(|_| AppError::Busy)
    }

    /// Makes what is kept of a new password.
    pub(crate) async fn store(&self, password: &str, salt: [u8; 16]) -> Result<StoredPassword, AppError> {
        let hash = self.hash(password, &salt).await?.to_vec();
        Ok(StoredPassword { salt: salt.to_vec(), hash, memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES })
    }

    /// Compares in constant time. Without a stored password it takes as long and says no.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&StoredPassword>) -> Result<bool, AppError> {
        let salt = stored.map_or([0; 16].as_slice(), |stored| stored.salt.as_slice());
        let hash = self.hash(password, salt).await?;
        let expected = stored.map_or([0; HASH_LENGTH].as_slice(), |stored| stored.hash.as_slice());
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(hash.as_slice(), expected).is_ok();
        Ok(same && stored.is_some())
    }
}

fn work(tasks: &std::sync::Mutex<mpsc::Receiver<Task>>) {
    let Ok(params) = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_LENGTH)) else { return };
    let mut memory = vec![Block::default(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    loop {
        let next = tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).blocking_recv();
        let Some(task) = next else { return };
        let mut hash = Zeroizing::new([0; HASH_LENGTH]);
        let done = argon.hash_password_into_with_memory(
            task.password.as_bytes(),
            &task.salt,
            hash.as_mut_slice(),
            memory.as_mut_slice(),
        );
        for block in &mut memory {
            block.as_mut().zeroize();
        }
        match done {
            // Who asked may have gone: nobody wants the answer then.
            Ok(()) => drop(task.answer.send(hash)),
            Err(failure) => tracing::error!(%failure, "a password could not be hashed"),
        }
    }
}
