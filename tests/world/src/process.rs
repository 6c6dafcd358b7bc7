//! What the kernel says about the processes of a box: which they are, what they hold, where they listen.
//!
//! Read from `/proc`, so that a process which is too busy to answer can be judged too.

use crate::EdgeBox;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

/// Waits so long for a program that was told to end, so that it takes its own processes with it, and then ends it.
pub fn end_by_itself(child: &mut Child, within: Duration) {
    let began = Instant::now();
    while began.elapsed() < within && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// A process by its id; every reading is of this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process(u32);

/// An internet socket on which a process waits for strangers: a listening TCP socket, or any UDP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listening {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    pub port: u16,
}

impl EdgeBox {
    /// The role that serves: it writes its process id into the lock of the data folder.
    pub fn server(&self) -> Process {
        let text = fs::read_to_string(self.data().join("lock")).expect("DIR/lock names the server of a running box");
        Process(text.trim().parse().unwrap_or_else(|_| panic!("DIR/lock holds no process id: {text:?}")))
    }

    /// The media node of a running box, once there is one.
    pub fn media_node(&self) -> Option<Process> {
        self.processes().into_iter().find(|process| process.is_of_role("media"))
    }

    /// `run` and all that it has started, directly or not.
    pub fn processes(&self) -> Vec<Process> {
        family(self.pid())
    }
}

/// The process of this id and all that it has started, directly or not.
pub fn family(elder: u32) -> Vec<Process> {
    let mut family = vec![Process(elder)];
    let everybody: Vec<(u32, u32)> = everybody().into_iter().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut next = 0;
    while let Some(Process(elder)) = family.get(next).copied() {
        family.extend(everybody.iter().filter(|(_, parent)| *parent == elder).map(|(pid, _)| Process(*pid)));
        next += 1;
    }
    family
}

impl Process {
    /// The process id.
    pub fn id(self) -> u32 {
        self.0
    }

    /// Whether it still runs.
    pub fn lives(self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.0)).is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Whether this is `rainbow-edge ROLE`.
    pub fn is_of_role(self, role: &str) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", self.0)).unwrap_or_default();
        line.split(|byte| *byte == 0).nth(1) == Some(role.as_bytes())
    }

    /// Kills it without warning.
    pub fn kill_9(self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.0).expect("a process id fits"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("our own process can be killed");
    }

    /// Resident memory in KiB.
    pub fn resident_kib(self) -> u64 {
        self.status("VmRSS")
    }

    /// Resident memory in KiB, what it has in common with others shared out among them (proc_pid_smaps(5), Pss).
    pub fn share_kib(self) -> u64 {
        let rollup =
            fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0)).expect("the process lives and is ours");
        let share = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let number = share.and_then(|rest| rest.trim().strip_suffix("kB")).map(str::trim);
        number.and_then(|number| number.parse().ok()).expect("a number of kB")
    }

    /// The most resident memory since the start or the last [`Process::forget_peak`], in KiB.
    pub fn peak_kib(self) -> u64 {
        self.status("VmHWM")
    }

    /// Lets [`Process::peak_kib`] begin anew.
    pub fn forget_peak(self) {
        fs::write(format!("/proc/{}/clear_refs", self.0), "5").expect("the peak of our own child can be reset");
    }

    /// Processor time that all its threads have taken, those that have ended too (proc_pid_stat(5)).
    pub fn cpu(self) -> Duration {
        const TICKS_PER_S: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).expect("the process lives");
        // The name in brackets may hold anything; user and system time are the twelfth and thirteenth field after it.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let ticks: f64 = fields.map(|field| field.parse::<f64>().expect("a number of ticks")).sum();
        Duration::from_secs_f64(ticks / TICKS_PER_S)
    }

    /// How far each of its threads of this name gives way to others: 19 to all, 0 to none (proc_pid_stat(5)).
    pub fn niceness(self, thread: &str) -> Vec<i32> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process lives");
        let stats = threads.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
        let named = stats.filter(|stat| stat.contains(&format!("({thread})")));
        // The seventeenth field after the name in brackets.
        named.filter_map(|stat| stat.rsplit(')').next()?.split_whitespace().nth(16)?.parse().ok()).collect()
    }

    /// Files, sockets and the like that it holds open.
    pub fn open_files(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process lives and is ours").count()
    }

    /// Where it waits for strangers, sorted.
    pub fn listening(self) -> Vec<Listening> {
        let inodes = self.socket_inodes();
        let mut found = Vec::new();
        for (protocol, table) in [("tcp", "tcp"), ("tcp", "tcp6"), ("udp", "udp"), ("udp", "udp6")] {
            // A kernel without IPv6 has no such table.
            let text = fs::read_to_string(format!("/proc/{}/net/{table}", self.0)).unwrap_or_default();
            let rows = text.lines().skip(1).filter_map(|line| row(protocol, line));
            found.extend(rows.filter(|(_, inode)| inodes.contains(inode)).map(|(listening, _)| listening));
        }
        found.sort();
        found
    }

    fn socket_inodes(self) -> Vec<u64> {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process lives and is ours");
        let targets = entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        let inode =
            |target: std::path::PathBuf| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
        targets.filter_map(inode).collect()
    }

    fn status(self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = line.and_then(|text| text.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no {name} in {status}"))
    }
}

/// One line of a table of sockets (proc_pid_net(5)) and its inode, when somebody waits there.
fn row(protocol: &'static str, line: &str) -> Option<(Listening, u64)> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let port = u16::from_str_radix(fields.get(1)?.rsplit(':').next()?, 16).ok()?;
    let waits = protocol == "udp" || *fields.get(3)? == LISTEN;
    let inode = fields.get(9)?.parse().ok()?;
    waits.then_some((Listening { protocol, port }, inode))
}

fn everybody() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything, so the fields are counted from its end.
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn own_process_is_seen_as_it_is() {
        let own = Process(std::process::id());
        assert!(own.lives());
        // The other tests allocate beside this one, and the kernel counts each number apart: so only much is compared with much.
        const MUCH_KIB: u64 = 64 * 1024;
        let held = std::hint::black_box(vec![1_u8; 64 << 20]);
        let most_kib = MUCH_KIB * 3 / 4;
        assert!(own.resident_kib() > most_kib && own.share_kib() > most_kib && own.peak_kib() > most_kib);
        drop(held);
        assert!(own.share_kib() < most_kib && own.peak_kib() > most_kib);
        let before = own.open_files();
        let tcp = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let udp = UdpSocket::bind(("127.0.0.1", 0)).expect("a free port");
        assert!(own.open_files() > before);
        let port = |address: std::io::Result<std::net::SocketAddr>| address.expect("bound").port();
        let seen = own.listening();
        assert!(seen.contains(&Listening { protocol: "tcp", port: port(tcp.local_addr()) }), "{seen:?}");
        assert!(seen.contains(&Listening { protocol: "udp", port: port(udp.local_addr()) }), "{seen:?}");
        assert_eq!(parent(own.id()), Some(std::os::unix::process::parent_id()));
    }
}
