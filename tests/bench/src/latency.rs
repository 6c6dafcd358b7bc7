//! Many latencies, and what is told of them.

use std::time::Duration;

/// Latencies in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    /// Notes one.
    pub fn note(&mut self, latency: Duration) {
        self.0.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What this share of them does not exceed, in milliseconds.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        // Nearest rank: the least that at least this share does not exceed.
        let rank = sorted.iter().zip(1_u32..).find(|(_, rank)| f64::from(*rank) >= share * count_f64(sorted.len()));
        rank.map_or(f64::NAN, |(latency, _)| f64::from(*latency) / 1000.0)
    }
}

/// A count as a number to divide by.
pub(crate) fn count_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_the_nearest_rank() {
        let mut latencies = Latencies::default();
        for ms in (1..=200).rev() {
            latencies.note(Duration::from_millis(ms));
        }
        assert!((latencies.quantile_ms(0.5) - 100.0).abs() < 1e-9);
        assert!((latencies.quantile_ms(0.99) - 198.0).abs() < 1e-9);
        assert!(Latencies::default().quantile_ms(0.5).is_nan());
    }
}
