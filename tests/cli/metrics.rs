//! Metrics (F4): the right number moves, nobody is named in them, and no other machine can read them.

use nix::ifaddrs::getifaddrs;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use world::device::STORE;
use world::stanza::escape;
use world::tls::Door;
use world::wizard::{Wizard, wait_until_set_up};
use world::{Device, EdgeBox, Person, World, expect};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");

/// Who reads the numbers of a box.
struct Monitor {
    port: u16,
}

impl Monitor {
    fn new() -> Self {
        Self { port: world::free_port() }
    }

    /// The section that lets it read, and `more`.
    fn configured(&self, more: &str) -> String {
        format!("[metrics]\nlisten = \"127.0.0.1:{}\"\n{more}", self.port)
    }

    fn at(&self, address: IpAddr) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((address, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(world::PATIENCE_S)))?;
        Ok(stream)
    }

    fn connect(&self) -> TcpStream {
        self.at(Ipv4Addr::LOCALHOST.into()).expect("the configured address")
    }

    /// The answer to `question`, until the server closes.
    fn ask(&self, question: &[u8]) -> String {
        let mut stream = self.connect();
        // Who is refused may be closed before all is sent.
        let _ = stream.write_all(question);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).expect("text")
    }

    fn page(&self) -> String {
        let answer = self.ask(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let (head, page) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
        page.to_owned()
    }

    /// The value of a sample, by its name with labels.
    fn value(&self, sample: &str) -> u64 {
        let page = self.page();
        let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {sample} in\n{page}"))
    }

    fn limit(&self, room: &str, limit: &str) -> u64 {
        self.value(&format!("rainbow_edge_limit_total{{room=\"{room}\",limit=\"{limit}\"}}"))
    }
}

/// `(name, type, meaning)` of each family of a page.
fn families(page: &str) -> Vec<(String, String, String)> {
    let meanings: BTreeMap<&str, &str> =
        page.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' ')).collect();
    let kinds = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let mut all: Vec<_> = kinds
        .map(|(name, kind)| (name.to_owned(), kind.to_owned(), meanings.get(name).expect("a meaning").to_string()))
        .collect();
    all.sort();
    all
}

/// The rows of the document's tables with so many cells, without heads.
fn rows<const CELLS: usize>(document: &str, wanted: impl Fn(&[String; CELLS]) -> bool) -> Vec<[String; CELLS]> {
    let cells = |line: &str| line.strip_prefix("| ")?.strip_suffix(" |").map(str::to_owned);
    let row = |line: String| {
        let cells: Vec<String> = line.split(" | ").map(|cell| cell.trim_matches('`').to_owned()).collect();
        cells.try_into().ok()
    };
    let mut rows: Vec<_> = document.lines().filter_map(cells).filter_map(row).filter(wanted).collect();
    rows.sort();
    rows
}

#[test]
fn every_metric_stands_in_the_document_with_its_meaning_f4() {
    let monitor = Monitor::new();
    let edge = EdgeBox::init();
    edge.configure(&monitor.configured(""));
    edge.start();
    let page = monitor.page();
    let document = std::fs::read_to_string(DOCUMENT).expect("docs/metrics.md");
    let is_kind = |word: &str| ["counter", "gauge", "histogram"].contains(&word);
    let told = rows(&document, |row: &[String; 3]| is_kind(&row[1]));
    let told: Vec<_> = told.into_iter().map(|[name, kind, meaning]| (name, kind, meaning)).collect();
    assert_eq!(families(&page), told);
    let limits = rows(&document, |row: &[String; 3]| !is_kind(&row[1]) && row[1] != "type" && row[1] != "limit");
    let sample = |room: &str, limit: &str| format!("rainbow_edge_limit_total{{room=\"{room}\",limit=\"{limit}\"}} ");
    let mut told: Vec<String> = limits.iter().map(|[room, limit, _]| sample(room, limit)).collect();
    let mut shown: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with("rainbow_edge_limit_total{"))
        .map(|line| line.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned())
        .collect();
    told.sort();
    shown.sort();
    assert_eq!(shown, told);
}

#[tokio::test]
async fn a_box_that_is_being_set_up_tells_its_numbers_and_goes_on_when_it_is_f4_i8() {
    let monitor = Monitor::new();
    let edge = EdgeBox::empty().with_args(&["--name", "localhost"]);
    edge.configure(&monitor.configured(""));
    edge.start_setup();
    assert_eq!(monitor.value("rainbow_edge_streams_total"), 0, "nobody speaks XMPP yet");
    let before = monitor.value("rainbow_edge_connections_total");
    let wizard = Wizard::unlock(&edge).await;
    assert!(monitor.value("rainbow_edge_connections_total") > before, "the browser's are counted");
    wizard.answer_all().await;
    expect::data(&wizard.finish().await);
    wait_until_set_up(&edge).await;
    let (person, device) = (Person::first_admin().sign_in(&edge).await, "web_first");
    Device::online(&edge, &person, device).await.leave().await;
    assert!(monitor.value("rainbow_edge_streams_total") > 0, "the box itself is asked now");
}

#[tokio::test]
async fn what_people_do_moves_the_right_numbers_and_names_nobody_f4() {
    let monitor = Monitor::new();
    let world = World::configured(&monitor.configured(""));
    assert_eq!(monitor.value("rainbow_edge_devices"), 0);
    let commits = monitor.value("rainbow_edge_commit_seconds_count");
    let (alice, bob) = (world.alice.sign_in(&world.edge).await, world.bob.sign_in(&world.edge).await);
    let mut from = Device::online(&world.edge, &alice, "node_alice").await;
    let mut to = Device::sign_in(&world.edge, &bob, "node_bob").await;
    let ticket = to.manage("resume='true'").await.attr("id").expect("a ticket").to_owned();
    to.presence("").await;
    from.message(bob.jid(), "m-1", "A word for nobody else", STORE).await;
    to.expect("the message", |e| e.body() == Some("A word for nobody else")).await;
    let received = to.received();
    assert_eq!(monitor.value("rainbow_edge_passwords_total{outcome=\"right\"}"), 2);
    assert_eq!(monitor.value("rainbow_edge_stream_sign_ins_total{outcome=\"right\"}"), 2);
    assert_eq!(monitor.value("rainbow_edge_devices"), 2);
    assert_eq!(monitor.value("rainbow_edge_messages_accepted_total"), 1);
    assert_eq!(monitor.value("rainbow_edge_messages_sent_total"), 1);
    assert_eq!(monitor.value("rainbow_edge_stanzas_received_total{kind=\"message\"}"), 1);
    assert!(monitor.value("rainbow_edge_stanzas_received_total{kind=\"presence\"}") >= 2);
    assert!(monitor.value("rainbow_edge_stanzas_sent_total") >= 3);
    assert!(monitor.value("rainbow_edge_commit_seconds_count") > commits);
    assert!(monitor.value("rainbow_edge_requests_total{status=\"2xx\"}") >= 2);
    assert_eq!(monitor.value("rainbow_edge_requests_total{status=\"1xx\"}"), 2, "WebSockets");
    assert!(monitor.value("process_resident_memory_bytes") > 1_000_000);

    drop(to);
    let begun = std::time::Instant::now();
    while monitor.value("rainbow_edge_sessions_waiting") != 1 {
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "the session does not wait for its client");
    }
    assert_eq!(monitor.value("rainbow_edge_devices"), 2, "one of them may come back");
    let mut back = Device::connect(&world.edge).await;
    back.open().await;
    back.authenticate(bob.local(), bob.secret()).await.expect("the secret");
    back.open().await;
    assert_eq!(back.resume(&ticket, received).await.name, "resumed");
    assert_eq!(monitor.value("rainbow_edge_sessions_waiting"), 0);
    assert_eq!(monitor.value("rainbow_edge_resumptions_total{outcome=\"resumed\"}"), 1);

    let page = monitor.page();
    let people = [&world.alice, &world.bob];
    let words =
        people.iter().flat_map(|person| [&person.email, &person.first_name, &person.last_name, &person.company]);
    let words = words.map(String::as_str).chain([alice.jid(), bob.jid(), alice.id(), bob.id(), alice.company_id()]);
    for word in words.chain(["node_alice", "m-1", "A word", "127.0.0.1", "localhost", world::edge_box::DOMAIN]) {
        assert!(!page.contains(word), "{word} stands in\n{page}");
    }
}

#[tokio::test]
async fn each_limit_that_refuses_or_cuts_is_counted_under_its_own_name_e5_f4() {
    let monitor = Monitor::new();
    let limits = "[gate]\nconnections_per_source_max = 16\n[xmpp]\nsessions_per_user_max = 1\nstanza_limit_bytes = 18432\n\
                  session_queue_max = 64\n";
    let world = World::configured(&monitor.configured(limits));
    let edge = &world.edge;

    let crowd = Door::of(edge).from_source(9);
    let mut strangers = Vec::new();
    for _ in 0..19 {
        strangers.push(crowd.tcp().await.expect("a connection"));
    }
    for refused in &mut strangers[16..] {
        let ended = refused.read(&mut [0; 1]).await;
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    }
    assert_eq!(monitor.limit("gate", "connections_per_source_max"), 3);
    assert_eq!(monitor.limit("gate", "connections_max"), 0);
    drop(strangers);

    for guess in 0..5 {
        let answer = world::person::sign_in_with(edge, &world.eve.email, &format!("Wr0ng-guess!{guess}"), None).await;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(monitor.value("rainbow_edge_passwords_total{outcome=\"wrong\"}"), 5);
    assert_eq!(monitor.limit("sign_in", "lock_out_failures"), 1);
    assert_ne!(world.eve.try_sign_in(edge).await.status, 200);
    assert_eq!(monitor.value("rainbow_edge_passwords_total{outcome=\"unread\"}"), 1);

    let first = world.bob.sign_in(edge).await;
    let bob = world.bob.sign_in(edge).await;
    assert_eq!(monitor.limit("sign_in", "sessions_per_user_max"), 1);
    let announced = "POST /api/rainbow/authentication/v1.0/validator HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n";
    let answer = String::from_utf8_lossy(&first.client.raw(announced.as_bytes()).await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(monitor.limit("gate", "body_limit_bytes"), 1);

    let alice = world.alice.sign_in(edge).await;
    let mut device = Device::sign_in(edge, &alice, "node_one").await;
    device.send(&format!("<message xmlns='jabber:client'><body>{}</body></message>", "x".repeat(20_000))).await;
    assert_eq!(device.expect_stream_error().await, "policy-violation");
    assert_eq!(monitor.limit("xmpp", "stanza_limit_bytes"), 1);

    let mut slow = Device::sign_in(edge, &bob, "node_slow").await;
    slow.manage("").await;
    slow.presence("").await;
    let mut second = Device::connect(edge).await;
    second.open().await;
    second.authenticate(bob.local(), bob.secret()).await.expect("the secret");
    second.open().await;
    let bind =
        format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{}</resource></bind>", escape("node_two"));
    assert_eq!(second.iq("set", None, &bind).await.attr("type"), Some("error"));
    assert_eq!(monitor.limit("xmpp", "sessions_per_user_max"), 1);

    // Nothing is sent beyond what the client has not acknowledged; then its queue fills.
    let mut from = Device::online(edge, &alice, "node_alice").await;
    let begun = std::time::Instant::now();
    for number in 0.. {
        from.message(bob.jid(), &format!("m-{number}"), "more", STORE).await;
        // The sender reads what the box answers, before that fills his own queue.
        if number % 16 == 0 {
            from.settle().await;
            from.take_received(|_| true);
            if monitor.limit("xmpp", "session_queue_max") == 1 {
                break;
            }
        }
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "nobody is cut off after {number} messages");
    }
}

#[test]
fn no_other_machine_reads_metrics_and_nobody_holds_them_up_f4_e5() {
    let monitor = Monitor::new();
    let edge = EdgeBox::init();
    edge.configure(&monitor.configured(""));
    edge.start();
    let of_machine = getifaddrs().expect("addresses").filter_map(|one| Some(one.address?.as_sockaddr_in()?.ip()));
    let others = of_machine.chain([Ipv4Addr::new(127, 0, 0, 2)]).filter(|one| *one != Ipv4Addr::LOCALHOST);
    for other in others {
        assert!(monitor.at(other.into()).is_err(), "metrics are at {other} too");
    }
    let answered = |question: &str| monitor.ask(question.as_bytes()).lines().next().unwrap_or_default().to_owned();
    assert_eq!(answered("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "HTTP/1.1 403 Forbidden");
    assert_eq!(answered("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 404 Not Found");
    assert_eq!(answered("POST /metrics HTTP/1.0\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed".replace("1.1", "1.0"));
    let endless = format!("GET /metrics HTTP/1.1\r\nx: {}", "x".repeat(100_000));
    for nonsense in [endless.as_str(), "\0\0\0", "GET\r\n\r\n", "\u{16}\u{3}\u{1}"] {
        assert!(!answered(nonsense).contains(" 200 "), "{nonsense:?}");
    }
    let silent: Vec<TcpStream> = (0..20).map(|_| monitor.connect()).collect();
    assert!(monitor.value("process_threads") > 0, "whoever says nothing gives way");
    drop(silent);
}

#[test]
fn wrong_address_for_metrics_is_explained_and_a_taken_one_is_named_f4() {
    let edge = EdgeBox::init();
    edge.configure("[metrics]\nlisten = \"0.0.0.0:9464\"\n");
    let checked = edge.edge(&["check"], "").refused("check of a public address");
    let run = edge.start_refused().refused("run with a public address");
    for text in [checked, run] {
        for word in ["edge.toml, line 2", "metrics.listen", "0.0.0.0:9464", "loopback", "127.0.0.1:9464"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
    let monitor = Monitor::new();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", monitor.port)).expect("a free port");
    edge.configure(&monitor.configured(""));
    let text = edge.start_refused().refused("run where metrics have no place");
    assert!(text.contains("metrics.listen") && text.contains(&monitor.port.to_string()), "{text}");
}

#[test]
fn nothing_listens_for_metrics_unless_it_is_configured_f4_e1() {
    let edge = EdgeBox::init();
    edge.start();
    let mut ports: Vec<u16> = edge.server().listening().iter().map(|one| one.port).collect();
    ports.sort_unstable();
    ports.dedup();
    let mut own = [edge.https(), edge.http()];
    own.sort_unstable();
    assert_eq!(ports, own);
}
