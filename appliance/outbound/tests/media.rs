//! The server's side of the media node's sockets, with a stand-in for the node that says what a test wants it to say.

use app::{Source, Visitor};
use media_contract::{
    Configuration, Fact, Limits, Order, Person, Ready, Revoked, STREAM_HEAD_BYTES, Secret, Secrets, StreamHead,
    decode_order, encode,
};
use outbound::media::{Media, Party, Streams};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(45);

/// A box that has something to tell, and notes what it hears.
struct Box {
    configuration: Mutex<Configuration>,
    revoked: Mutex<Vec<Revoked>>,
    changed: watch::Sender<()>,
    heard: Mutex<Vec<Fact>>,
    gone: AtomicUsize,
    news: Notify,
}

impl Party for Box {
    fn configuration(&self) -> Option<Configuration> {
        Some(self.configuration.lock().expect("no panic").clone())
    }

    fn revocations(&self) -> Vec<Revoked> {
        self.revoked.lock().expect("no panic").clone()
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn heard(&self, fact: Fact) {
        self.heard.lock().expect("no panic").push(fact);
        self.news.notify_one();
    }

    fn gone(&self) {
        self.gone.fetch_add(1, Ordering::SeqCst);
        self.news.notify_one();
    }
}

fn configuration() -> Configuration {
    let limits = Limits {
        allocations_max: 1,
        allocations_per_person_max: 1,
        bytes_per_s_per_person_max: 1,
        permissions_max: 1,
        channels_max: 1,
        lifetime_s_max: 1,
        allocation_life_s_max: 1,
        unproven_per_source_per_s: 1,
        unproven_per_s: 1,
        streams_max: 1,
    };
    Configuration {
        relay: true,
        realm: String::from("edge.test"),
        secrets: Secrets { current: Secret::new("north".repeat(8)), previous: None, next: None },
        revoked: Vec::new(),
        limits,
        external: Vec::new(),
        relay_ports: None,
        peers_allowed: Vec::new(),
        peers_refused: Vec::new(),
        drain: false,
        report_every_s: 5,
    }
}

fn revoked(number: usize) -> Revoked {
    Revoked { person: Person::try_from(format!("p{number}")).expect("a word"), expiry_s_max: 1_796_000_000 }
}

/// A node that listens, the box that speaks with it, and the folder of both.
struct Scene {
    edge: Arc<Box>,
    control: UnixListener,
    streams: Arc<Streams>,
    node_streams: UnixListener,
    folder: PathBuf,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Scene {
    fn new(name: &str, revocations: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("rainbow-edge-media-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let (control, streams) = (folder.join("control"), folder.join("streams"));
        let listeners = (UnixListener::bind(&control), UnixListener::bind(&streams));
        let edge = Arc::new(Box {
            configuration: Mutex::new(configuration()),
            revoked: Mutex::new((0..revocations).map(revoked).collect()),
            changed: watch::Sender::default(),
            heard: Mutex::default(),
            gone: AtomicUsize::new(0),
            news: Notify::new(),
        });
        let streams = Streams::at(streams);
        let media = Media { control, streams: Arc::clone(&streams) };
        tokio::spawn(media.run(Arc::downgrade(&edge)));
        let (control, node_streams) = (listeners.0.expect("bound"), listeners.1.expect("bound"));
        Self { edge, control, streams, node_streams, folder }
    }

    async fn met(&self) -> Node {
        let (stream, _) = timeout(PATIENCE, self.control.accept()).await.expect("in time").expect("it comes");
        Node(BufReader::new(stream))
    }

    async fn until(&self, what: impl Fn(&Box) -> bool) {
        let waiting = async {
            while !what(&self.edge) {
                self.edge.news.notified().await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("in time");
    }
}

struct Node(BufReader<UnixStream>);

impl Node {
    async fn order(&mut self) -> Order {
        let mut line = Vec::new();
        timeout(PATIENCE, self.0.read_until(b'\n', &mut line)).await.expect("in time").expect("it is told");
        decode_order(&line).expect("an order")
    }

    async fn configured(&mut self) -> Configuration {
        match self.order().await {
            Order::Configure(configuration) => *configuration,
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, fact: &Fact) {
        self.0.get_mut().write_all(&encode(fact).expect("short")).await.expect("it is heard");
    }
}

fn ready() -> Fact {
    Fact::Ready(Ready { executable: String::from("0"), udp: Vec::new(), threads: 1, capabilities: Vec::new() })
}

#[tokio::test]
async fn a_node_that_comes_back_is_told_everything_anew_i5_g1() {
    let scene = Scene::new("anew", 3);
    let mut node = scene.met().await;
    node.say(&ready()).await;
    assert_eq!(node.configured().await.revoked, scene.edge.revocations());
    scene.until(|edge| edge.heard.lock().expect("no panic").len() == 1).await;
    drop(node);
    scene.until(|edge| edge.gone.load(Ordering::SeqCst) > 0).await;
    assert_eq!(scene.met().await.configured().await.revoked, scene.edge.revocations());
}

#[tokio::test]
async fn a_node_is_told_what_changes_and_nothing_twice_g1() {
    let scene = Scene::new("changes", 1);
    let mut node = scene.met().await;
    assert_eq!(node.configured().await.revoked, [revoked(0)]);
    scene.edge.revoked.lock().expect("no panic").push(revoked(1));
    scene.edge.changed.send_replace(());
    assert_eq!(node.order().await, Order::Revoke(revoked(1)));
    scene.edge.changed.send_replace(());
    scene.edge.configuration.lock().expect("no panic").drain = true;
    scene.edge.changed.send_replace(());
    let told = node.configured().await;
    assert!(told.drain && told.revoked.is_empty(), "who is revoked already is not told again: {told:?}");
}

#[tokio::test]
async fn more_revocations_than_a_message_holds_follow_it_g1() {
    let scene = Scene::new("many", 1_500);
    let mut node = scene.met().await;
    let mut told = node.configured().await.revoked;
    while told.len() < 1_500 {
        match node.order().await {
            Order::Revoke(one) => told.push(one),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, scene.edge.revocations());
}

#[tokio::test]
async fn a_node_that_speaks_nonsense_is_left_and_met_again_i5() {
    let scene = Scene::new("nonsense", 0);
    let mut node = scene.met().await;
    let long = vec![b'x'; media_contract::LINE_LIMIT_BYTES + 2];
    let _left = node.0.get_mut().write_all(&long).await;
    scene.until(|edge| edge.gone.load(Ordering::SeqCst) > 0).await;
    assert!(scene.edge.heard.lock().expect("no panic").is_empty());
    scene.met().await.configured().await;
}

#[tokio::test]
async fn a_stream_is_handed_over_whole_and_its_owner_is_known_once_the_node_says_so_e1_e5() {
    let scene = Scene::new("stream", 0);
    let mut node = scene.met().await;
    let known = Arc::new(AtomicBool::new(false));
    let (noted, streams) = (Arc::clone(&known), Arc::clone(&scene.streams));
    let (mut client, server) = tokio::io::duplex(64);
    let visitor = Visitor::new(Source::default(), Arc::new(move || noted.store(true, Ordering::SeqCst)));
    let ends = ("192.0.2.7:50000".parse().expect("an address"), "[2001:db8::1]:443".parse().expect("an address"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let closing = async move { drop(stopped.await) };
    let handing = tokio::spawn(async move { streams.hand_over(server, ends, visitor, closing).await });
    let (mut stream, _) = timeout(PATIENCE, scene.node_streams.accept()).await.expect("in time").expect("it comes");
    let mut head = [0; STREAM_HEAD_BYTES];
    stream.read_exact(&mut head).await.expect("a head");
    let StreamHead { number, client: came_from, server: came_to } = StreamHead::decode(&head).expect("a head");
    assert_eq!((came_from, came_to), ends);
    client.write_all(b"to the node").await.expect("sent");
    stream.write_all(b"to the client").await.expect("sent");
    let (mut there, mut back) = ([0; 11], [0; 13]);
    stream.read_exact(&mut there).await.expect("it arrives");
    client.read_exact(&mut back).await.expect("it arrives");
    assert_eq!((&there, &back), (b"to the node", b"to the client"));
    node.say(&Fact::StreamKnown { number: number + 1 }).await;
    node.say(&Fact::StreamKnown { number }).await;
    scene.until(|edge| edge.heard.lock().expect("no panic").len() == 2).await;
    assert!(known.load(Ordering::SeqCst), "it no longer counts as a stranger's");
    stop.send(()).expect("it still goes on");
    timeout(PATIENCE, handing).await.expect("in time").expect("no panic");
    assert_eq!(stream.read(&mut [0; 1]).await.expect("closed"), 0, "the node hears of the end");
}

#[tokio::test]
async fn a_node_that_does_not_read_holds_its_client_back_and_little_else_e5() {
    let scene = Scene::new("slow", 0);
    let streams = Arc::clone(&scene.streams);
    let (mut client, server) = tokio::io::duplex(1_024);
    let visitor = Visitor::new(Source::default(), Arc::new(|| {}));
    let ends = ("192.0.2.7:1".parse().expect("an address"), "192.0.2.1:443".parse().expect("an address"));
    tokio::spawn(async move { streams.hand_over(server, ends, visitor, std::future::pending()).await });
    let (_unread, _) = timeout(PATIENCE, scene.node_streams.accept()).await.expect("in time").expect("it comes");
    let mut sent = 0_usize;
    while let Ok(outcome) = timeout(Duration::from_millis(500), client.write_all(&[7; 1_024])).await {
        outcome.expect("it is still open");
        sent += 1_024;
        assert!(sent < 4 * 1024 * 1024, "somebody reads without end");
    }
}

#[tokio::test]
async fn without_a_node_a_stream_ends_and_does_not_wait_e5() {
    let streams = Streams::at(PathBuf::from("/nonexistent/streams.sock"));
    let (mut client, server) = tokio::io::duplex(64);
    let visitor = Visitor::new(Source::default(), Arc::new(|| {}));
    let ends = ("192.0.2.7:1".parse().expect("an address"), "192.0.2.1:443".parse().expect("an address"));
    timeout(PATIENCE, streams.hand_over(server, ends, visitor, std::future::pending())).await.expect("at once");
    assert_eq!(client.read(&mut [0; 1]).await.expect("closed"), 0);
}
