//! The server as systemd starts it: given sockets, signs of life, the status socket, credentials.

use appliance_contract::{Answer, Request, State, Status, decode_answer, encode_request};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use world::{EdgeBox, executable};

const PATIENCE: Duration = Duration::from_secs(world::PATIENCE_S);

/// A server; it ends when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn status_socket(edge: &EdgeBox) -> PathBuf {
    edge.beside().join("status.sock")
}

/// The server role, which systemd's own tool gives both ports, the status socket and perhaps one for metrics at the first
/// connection.
fn activated(edge: &EdgeBox, names: &str, metrics: Option<u16>) -> Running {
    let mut command = Command::new("systemd-socket-activate");
    command.arg(format!("--listen=127.0.0.1:{}", edge.https())).arg(format!("--listen=127.0.0.1:{}", edge.http()));
    command.arg(format!("--listen={}", status_socket(edge).display())).arg(format!("--fdname={names}"));
    if let Some(port) = metrics {
        command.arg(format!("--listen=127.0.0.1:{port}"));
    }
    command.arg(executable::path()).args(["server", "--name", "localhost", "--data"]).arg(edge.data());
    let log = std::fs::File::create(edge.log_file()).expect("a log");
    command.stdout(log.try_clone().expect("a log")).stderr(log).stdin(Stdio::null());
    let running = Running(command.spawn().expect("systemd-socket-activate: `cargo xtask test` installs it"));
    let begun = Instant::now();
    while !status_socket(edge).exists() {
        assert!(begun.elapsed() < PATIENCE, "the sockets do not open");
        std::thread::sleep(Duration::from_millis(10));
    }
    running
}

fn ask(socket: &Path, request: &Request) -> Answer {
    let mut stream = UnixStream::connect(socket).expect("open before the server runs");
    stream.set_read_timeout(Some(PATIENCE)).expect("a bound on waiting");
    stream.write_all(&encode_request(request).expect("short")).expect("sent");
    let mut line = Vec::new();
    BufReader::new(stream).read_until(b'\n', &mut line).expect("an answer in time");
    decode_answer(&line).expect("an answer")
}

fn status(socket: &Path) -> Status {
    match ask(socket, &Request::Status) {
        Answer::Status(status) => *status,
        other => panic!("{other:?}"),
    }
}

fn redirected(edge: &EdgeBox, host: &str) -> String {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", edge.http())).expect("the given port");
    stream.set_read_timeout(Some(PATIENCE)).expect("a bound on waiting");
    write!(stream, "GET /a HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer in time");
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap_or_else(|| panic!("no redirect: {answer}")).to_owned()
}

#[test]
fn the_server_serves_on_the_sockets_that_it_is_given_and_tells_its_status_i5_e1() {
    let edge = EdgeBox::init();
    let _server = activated(&edge, "https:http:status", None);
    let told = status(&status_socket(&edge));
    assert!(told.ready && told.state == State::Serving && told.setup.is_none(), "{told:?}");
    assert_eq!(told.address, format!("https://localhost:{}", edge.https()));
    assert_eq!(told.urls[0], told.address, "by name first: {:?}", told.urls);
    assert_eq!(told.ca_fingerprint.split(':').count(), 32, "SHA-256 in pairs: {}", told.ca_fingerprint);
    std::net::TcpStream::connect(("127.0.0.1", edge.https())).expect("the given port");
    assert_eq!(redirected(&edge, "evil.test"), format!("https://localhost:{}/a", edge.https()));
    assert_eq!(edge.status()["address"], told.address.as_str(), "the command line still has its own socket");
}

#[test]
fn the_status_socket_tells_the_code_of_a_setup_and_does_nothing_else_i8_i5() {
    let edge = EdgeBox::empty();
    let _server = activated(&edge, "https:http:status", None);
    let told = status(&status_socket(&edge));
    let setup = told.setup.expect("nobody has set it up");
    assert!(!told.ready && told.state == State::SettingUp);
    assert_eq!(setup.code.reveal(), edge.setup_code());
    assert_eq!(setup.fingerprint, told.ca_fingerprint);
    let Answer::Refused(refusal) = ask(&status_socket(&edge), &Request::CertificateRemove) else { panic!("done") };
    assert_eq!(refusal.code, "only_status");
    assert_eq!(redirected(&edge, "127.0.0.1"), format!("https://127.0.0.1:{}/a", edge.https()));
}

#[test]
fn a_socket_that_the_server_has_no_use_for_is_refused_by_its_name_i5() {
    let edge = EdgeBox::init();
    let mut server = activated(&edge, "https:http:telnet", None);
    drop(UnixStream::connect(status_socket(&edge)).expect("the connection that starts it"));
    let end = executable::wait_bounded(&mut server.0, PATIENCE);
    assert!(matches!(end, Some(Some(code)) if code != 0 && code != 101), "{end:?}");
    assert!(edge.log().contains("telnet") && edge.log().contains("FileDescriptorName"), "{}", edge.log());
}

#[test]
fn metrics_are_told_on_the_socket_that_the_server_is_given_f4_i5() {
    let edge = EdgeBox::init();
    let port = world::free_port();
    let _server = activated(&edge, "https:http:status:metrics", Some(port));
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("open before the server runs");
    stream.set_read_timeout(Some(PATIENCE)).expect("a bound on waiting");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer in time");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\nrainbow_edge_info{version="), "{answer}");
}

fn started(edge: &EdgeBox, environment: &[(&str, &Path)]) -> Running {
    let mut command = Command::new(executable::path());
    command.args(["server", "--name", "localhost", "--data"]).arg(edge.data());
    command.args(["--https", &edge.https().to_string(), "--http", &edge.http().to_string()]);
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    let log = std::fs::File::create(edge.log_file()).expect("a log");
    command.stdout(log.try_clone().expect("a log")).stderr(log);
    Running(command.spawn().expect("the server role starts"))
}

#[test]
fn a_server_that_lives_gives_signs_of_life_and_one_that_stands_still_does_not_i5() {
    let edge = EdgeBox::init();
    let path = edge.beside().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a notification socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a bound on waiting");
    let server = started(&edge, &[("NOTIFY_SOCKET", path.as_path()), ("WATCHDOG_USEC", Path::new("1000000"))]);
    let (mut signs, mut lines) = (0, Vec::new());
    let mut buffer = [0; 4096];
    while signs < 3 {
        let length = socket.recv(&mut buffer).unwrap_or_else(|e| panic!("{e} after {signs} signs, {lines:?}"));
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        signs += text.lines().filter(|line| *line == "WATCHDOG=1").count();
        lines.extend(text.lines().map(str::to_owned));
    }
    let serving = format!("STATUS=Serves people at https://localhost:{}", edge.https());
    assert!(lines.contains(&serving) && lines.iter().any(|line| line == "READY=1"), "{lines:?}");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(server.0.id()).expect("a process id"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGSTOP).expect("our own child");
    socket.set_nonblocking(true).expect("what was sent before");
    while socket.recv(&mut buffer).is_ok() {}
    socket.set_nonblocking(false).expect("blocking");
    socket.set_read_timeout(Some(Duration::from_secs(2))).expect("two lives");
    assert!(socket.recv(&mut buffer).is_err(), "a process that stands still gave a sign of life");
}

#[test]
fn where_credentials_are_given_a_missing_root_key_is_refused_and_none_is_made_d2() {
    let edge = EdgeBox::empty();
    let credentials = edge.beside().join("credentials");
    std::fs::create_dir(&credentials).expect("a folder of credentials");
    let mut server = started(&edge, &[("CREDENTIALS_DIRECTORY", credentials.as_path())]);
    let end = executable::wait_bounded(&mut server.0, PATIENCE);
    assert!(matches!(end, Some(Some(code)) if code != 0 && code != 101), "{end:?}");
    assert!(edge.log().contains("no credential `root-key`"), "{}", edge.log());
    assert!(!edge.data().join("root.key").exists(), "no development key beside the data");
    std::fs::write(credentials.join("root-key"), [7_u8; 32]).expect("a credential");
    let _server = started(&edge, &[("CREDENTIALS_DIRECTORY", credentials.as_path())]);
    let begun = Instant::now();
    while !edge.status()["setup"].is_object() {
        assert!(begun.elapsed() < PATIENCE, "{}", edge.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!edge.data().join("root.key").exists(), "no development key beside the data");
}
