use super::{Page, Seen};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike;
use std::time::Duration;

/// The process, under the names that Prometheus' own libraries use. What the system does not tell is left out.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
        let used_us = usage.user_time().num_microseconds().saturating_add(usage.system_time().num_microseconds());
        let used = Duration::from_micros(u64::try_from(used_us).unwrap_or(0));
        let help = "Time that processors spent on the server, in seconds.";
        page.counter("process_cpu_seconds_total", help, used.as_secs_f64());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    if let Some(kib) = number("VmRSS") {
        page.gauge("process_resident_memory_bytes", "Memory in use, in bytes.", kib.saturating_mul(1024));
    }
    if let Some(kib) = number("VmSize") {
        let help = "Address space, used or not, in bytes.";
        page.gauge("process_virtual_memory_bytes", help, kib.saturating_mul(1024));
    }
    if let Some(threads) = number("Threads") {
        page.gauge("process_threads", "Threads.", threads);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        page.gauge("process_open_fds", "Open files and sockets.", files.count());
    }
    if let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NOFILE) {
        page.gauge("process_max_fds", "Files and sockets that may be open.", soft);
    }
    let started = Duration::from_millis(u64::try_from(seen.started_ms).unwrap_or(0));
    let help = "When the server was started, in seconds since 1970.";
    page.gauge("process_start_time_seconds", help, started.as_secs_f64());
}
