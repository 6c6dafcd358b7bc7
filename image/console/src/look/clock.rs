use crate::facts::Clock;
use nix::time::{ClockId, clock_gettime};
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// systemd-timesyncd makes it when a server has told the time.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// Made with the image: the clock was never before it.
const EPOCH: &str = "/usr/lib/clock-epoch";
const CHIP: &str = "/sys/class/rtc/rtc0/since_epoch";
/// A time server is found in this long, or not.
const HAD_TIME_US: u64 = 120_000_000;

pub(super) fn look() -> Clock {
    Clock {
        is_synchronised: Path::new(SYNCHRONISED).exists(),
        chip_is_behind: chip_s().zip(epoch_s()).is_some_and(|(chip, epoch)| chip < epoch),
        had_time: monotonic_us() > HAD_TIME_US,
    }
}

pub(super) fn monotonic_us() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| now.tv_sec() * 1_000_000 + now.tv_nsec() / 1000);
    u64::try_from(now).unwrap_or(0)
}

fn chip_s() -> Option<u64> {
    fs::read_to_string(CHIP).ok()?.trim().parse().ok()
}

fn epoch_s() -> Option<u64> {
    let made = fs::metadata(EPOCH).ok()?.modified().ok()?;
    made.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}
