//! What the system's service manager relies on: readiness told when it is true, stopping told, a clean end.

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;
use world::{EdgeBox, executable};

/// Reads what is told until it holds `wanted`.
fn told(socket: &UnixDatagram, wanted: &str) -> String {
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).unwrap_or_else(|e| panic!("never told {wanted}: {e}"));
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.lines().any(|line| line == wanted) {
            return text;
        }
    }
}

#[test]
fn the_server_tells_systemd_when_it_serves_and_when_it_stops_i5() {
    let edge = EdgeBox::init();
    let path = edge.beside().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a notification socket");
    socket.set_read_timeout(Some(Duration::from_secs(world::PATIENCE_S))).expect("a bounded wait");
    let mut server = Command::new(executable::path())
        .arg("server")
        .arg("--data")
        .arg(edge.data())
        .args(["--https", &edge.https().to_string(), "--http", &edge.http().to_string()])
        .env("NOTIFY_SOCKET", &path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server role starts");
    told(&socket, "READY=1");
    std::net::TcpStream::connect(("127.0.0.1", edge.https())).expect("ready means that the port answers");
    let pid = i32::try_from(server.id()).expect("a process id");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM).expect("SIGTERM");
    told(&socket, "STOPPING=1");
    let end = executable::wait_bounded(&mut server, Duration::from_secs(world::PATIENCE_S));
    assert_eq!(end, Some(Some(0)), "a clean end");
}

#[test]
fn a_box_in_its_setup_is_ready_too_and_its_code_does_not_go_to_the_journal_i8_i5() {
    let edge = EdgeBox::empty();
    let (path, output) = (edge.beside().join("notify"), edge.beside().join("output"));
    let socket = UnixDatagram::bind(&path).expect("a notification socket");
    socket.set_read_timeout(Some(Duration::from_secs(world::PATIENCE_S))).expect("a bounded wait");
    let journal = std::fs::File::create(&output).expect("what stands for the journal");
    let seen = std::os::unix::fs::MetadataExt::dev(&journal.metadata().expect("a file"));
    let inode = std::os::unix::fs::MetadataExt::ino(&journal.metadata().expect("a file"));
    let mut server = Command::new(executable::path())
        .args(["server", "--name", "localhost", "--data"])
        .arg(edge.data())
        .args(["--https", &edge.https().to_string(), "--http", &edge.http().to_string()])
        .env("NOTIFY_SOCKET", &path)
        .env("JOURNAL_STREAM", format!("{seen}:{inode}"))
        .stdout(journal)
        .stderr(Stdio::null())
        .spawn()
        .expect("the server role starts");
    told(&socket, "READY=1");
    let code = edge.setup_code();
    let pid = i32::try_from(server.id()).expect("a process id");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM).expect("SIGTERM");
    told(&socket, "STOPPING=1");
    let end = executable::wait_bounded(&mut server, Duration::from_secs(world::PATIENCE_S));
    assert_eq!(end, Some(Some(0)), "a clean end");
    let text = std::fs::read_to_string(&output).expect("text");
    assert!(text.contains("nobody has set this box up yet") && !text.contains(&code), "{text}");
}

#[test]
fn the_root_key_comes_as_a_systemd_credential_d2() {
    let edge = EdgeBox::empty();
    let credentials = edge.beside().join("credentials");
    std::fs::create_dir(&credentials).expect("a folder of credentials");
    std::fs::write(credentials.join("root-key"), [7_u8; 32]).expect("a credential");
    let run = |args: &[&str], input: &str| {
        let mut child = Command::new(executable::path())
            .args(args)
            .arg("--data")
            .arg(edge.data())
            .env("CREDENTIALS_DIRECTORY", &credentials)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("piped");
        std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("input");
        drop(stdin);
        executable::wait_bounded(&mut child, Duration::from_secs(world::PATIENCE_S))
    };
    let init = ["init", "--name", "localhost", "--company", "Acme", "--admin", "admin@acme.test"];
    assert_eq!(run(&init, crate::GOOD), Some(Some(0)));
    assert!(!edge.data().join("root.key").exists(), "no development key beside the data");
    let add = ["user", "add", "--company", "Acme", "--email", "bob@acme.test"];
    assert_eq!(run(&add, crate::GOOD), Some(Some(0)));
    std::fs::write(credentials.join("root-key"), [8_u8; 32]).expect("another credential");
    let refused = run(&["user", "add", "--company", "Acme", "--email", "eve@acme.test"], crate::GOOD);
    assert!(matches!(refused, Some(Some(code)) if code != 0 && code != 101), "{refused:?}");
}
