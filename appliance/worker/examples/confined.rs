//! A process that is confined as the worker is and then tries what it is told: `tests/confined.rs` looks at its end.

use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let tried = std::env::args().nth(1).unwrap_or_default();
    let before = UnixStream::pair();
    worker::confine().expect("the kernel confines it");
    let done = match tried.as_str() {
        "nothing" => vec![7_u8; 1 << 20].iter().map(|byte| u64::from(*byte)).sum::<u64>() > 0 && before.is_ok(),
        "read a file" => std::fs::read("/proc/self/status").is_ok(),
        "write a file" => std::fs::write(std::env::temp_dir().join("rainbow-edge-worker"), "x").is_ok(),
        "call somebody" => std::net::TcpStream::connect("127.0.0.1:1").is_ok(),
        "listen" => std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
        "open a local socket" => UnixStream::pair().is_ok(),
        "start a process" => Command::new("/bin/true").status().is_ok(),
        "signal a process" => nix::sys::signal::kill(nix::unistd::getppid(), None).is_ok(),
        "take memory" => vec![7_u8; 2 << 30].iter().any(|byte| *byte == 7),
        "go on for ever" => loop {
            std::hint::spin_loop();
        },
        _ => false,
    };
    if done { ExitCode::SUCCESS } else { ExitCode::from(3) }
}
