//! Core dumps: of a box's processes there are none, and whoever is root and takes one gets no key (D1).

use crate::key_tree::is_key;
use crate::planted::PlantedBox;
use std::fs;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use world::memory::Memory;
use world::{EdgeBox, Process, executable};

/// Ends a command of a shell that allows cores of any size with this signal, once `ready` says so. Whether the system made a core.
fn is_dumped(mut command: Command, folder: &Path, signal: &str, ready: impl Fn(u32) -> bool) -> bool {
    let program = command.get_program().to_owned();
    let given: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"]).arg(program).args(given).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().expect("a shell");
    let begun = Instant::now();
    while !ready(child.id()) {
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "it is not ready");
        std::thread::sleep(Duration::from_millis(10));
    }
    let id = child.id().to_string();
    let status = loop {
        // What Rust does about the first SEGV that is none of a stack is to let the next one have its way.
        let _ = Command::new("kill").args(["-s", signal, &id]).stderr(Stdio::null()).status();
        std::thread::sleep(Duration::from_millis(50));
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "{signal} does not end it");
    };
    assert!(status.signal().is_some(), "it ended by itself: {status}");
    status.core_dumped()
}

#[test]
fn a_server_that_crashes_leaves_no_core_where_another_program_would_d1() {
    let edge = EdgeBox::init();
    let folder = edge.beside().join("cores");
    fs::create_dir_all(&folder).expect("temp");
    let mut other = Command::new("sleep");
    other.arg("60");
    let begins = |id: u32| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "sleep");
    assert!(is_dumped(other, &folder, "ABRT", begins), "this machine makes no cores at all: nothing is shown");
    let cores = |folder: &Path| fs::read_dir(folder).expect("temp").count();
    let before = cores(&folder);
    for signal in ["ABRT", "SEGV"] {
        let mut server = Command::new(executable::path());
        server.args(["server", "--data"]).arg(edge.data());
        server.args(["--https", &edge.https().to_string(), "--http", &edge.http().to_string()]);
        let ready = |_| edge.status()["ready"] == true;
        assert!(!is_dumped(server, &folder, signal, ready), "{signal} made a core of the server");
    }
    assert_eq!(cores(&folder), before, "and no file");
}

/// What gdb saves of a process, by these settings.
fn gcore(process: Process, file: &Path, settings: &[&str]) -> Memory {
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "--nx", "-ex", "set debuginfod enabled off", "-ex", "set auto-solib-add off"]);
    for setting in settings {
        gdb.args(["-ex", setting]);
    }
    gdb.args(["-p", &process.id().to_string(), "-ex", &format!("gcore {}", file.display())]);
    let output = gdb.output().expect("gdb is installed (package gdb)");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("Saved corefile"), "{told}");
    Memory::of_core(file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roots_own_core_of_a_box_holds_nothing_and_one_that_is_forced_holds_no_key_d1_d2() {
    let planted = PlantedBox::new().await;
    let (edge, all) = (&planted.edge, planted.all().search());
    let core = |name: &str| -> PathBuf { edge.beside().join(name) };
    for process in edge.processes() {
        let found = all.in_memory(&gcore(process, &core("asked"), &[]));
        assert!(found.is_empty(), "gcore of {process:?}: {found:#?}");
    }
    // The kernel's word about what to leave out is ignored, that of the process about its pages is not.
    let found = all.in_memory(&gcore(edge.server(), &core("forced"), &["set use-coredump-filter off"]));
    let names: Vec<&String> = found.iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.starts_with("message in")), "it holds what is served: {names:#?}");
    let keys: Vec<_> = names.iter().filter(|name| is_key(name) || name.as_str() == "root key").collect();
    assert!(keys.is_empty(), "keys in a core that was forced: {keys:#?}");
}
