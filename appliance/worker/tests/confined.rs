//! What a worker cannot do, whatever a picture makes of it (I5).

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// Of `signal(7)`.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;
const SIGSYS: i32 = 31;

fn confined(tries: &str) -> ExitStatus {
    let own = std::env::current_exe().expect("this test has a file");
    let built: PathBuf = own.ancestors().nth(2).expect("a folder of what was built").join("examples/confined");
    Command::new(built).arg(tries).stderr(Stdio::null()).status().expect("cargo builds examples with the tests")
}

#[test]
fn a_worker_works_with_what_it_has_i5() {
    assert_eq!(confined("nothing").code(), Some(0));
}

#[test]
fn a_worker_that_reaches_for_files_network_or_processes_is_ended_i5() {
    for tries in [
        "read a file",
        "write a file",
        "call somebody",
        "listen",
        "open a local socket",
        "start a process",
        "signal a process",
    ] {
        assert_eq!(confined(tries).signal(), Some(SIGSYS), "{tries}");
    }
}

#[test]
fn a_worker_that_takes_too_much_memory_or_time_is_ended_i5_e5() {
    assert!([SIGABRT, SIGSYS].map(Some).contains(&confined("take memory").signal()));
    let ended = confined("go on for ever").signal();
    assert!([SIGXCPU, SIGKILL].map(Some).contains(&ended), "{ended:?}");
}
