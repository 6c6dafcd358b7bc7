//! How long a refusal takes tells nothing about the account.

use crate::AppError;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A refusal is told at a multiple of this after the question: looking up a name that exists takes some microseconds
/// longer than one that does not, and where no password is hashed nothing else would hide them.
const STEP: Duration = Duration::from_millis(50);

/// Decides, and tells a refusal of who calls, or of a link that nobody holds, in step.
pub(crate) async fn in_step<T>(deciding: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let begun = Instant::now();
    let outcome = deciding.await;
    if let Err(AppError::Unauthenticated(_) | AppError::NotFound(_)) = outcome {
        sleep_until(begun + next_step(begun.elapsed())).await;
    }
    outcome
}

/// Tells whatever is found in step.
pub(super) async fn told_in_step<T>(finding: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let found = finding.await;
    sleep_until(begun + next_step(begun.elapsed())).await;
    found
}

fn next_step(passed: Duration) -> Duration {
    let steps = passed.as_millis() / STEP.as_millis() + 1;
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unauthenticated;

    #[tokio::test(start_paused = true)]
    async fn refusals_that_took_longer_and_shorter_are_told_at_the_same_time_a5() {
        let mut told = Vec::new();
        for took_us in [1, 400, 30_000, 49_000] {
            let begun = Instant::now();
            let refused = in_step(async {
                tokio::time::sleep(Duration::from_micros(took_us)).await;
                Err::<(), _>(Unauthenticated::WrongCredentials.into())
            });
            assert!(refused.await.is_err());
            told.push(begun.elapsed());
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(next_step(STEP), STEP * 2);
    }
}
