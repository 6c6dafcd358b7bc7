//! What comes late, or between a change and its end, finds others than it was meant for.

use crate::support::{self, Place, next, pair, taken};
use app::bubble::poll::{self, Act, Paper, Question, State};
use app::bubble::{self, Change, Door, New, Step, Utterance};
use app::call::{self, Act as Said, Signal};
use app::conversation::{self, Peer};
use app::file::{self, FileSettings, Part};
use app::live::{Binding, CallNews, Device, Happened, MessageType, Notice, Push};
use app::message::{Asked, Keep, Kind, Mark, MarkKind, clear, committed, history, mark};
use app::node;
use app::people::Window;
use app::{Caller, Settings};
use domain::call::Medium;
use domain::ids::{BubbleId, UserId};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::time::Duration;
use store::{Connection, StoreError};
use tokio::runtime::{Builder, Runtime};

/// The writer of the company's file. It stands still; what is queued meanwhile is one transaction, and when that is committed
/// the writer stands still once more, before anybody is told.
struct Halt {
    begin: mpsc::SyncSender<()>,
    committed: mpsc::Receiver<()>,
    end: mpsc::SyncSender<()>,
}

impl Halt {
    async fn of(place: &Place) -> Self {
        let (stand, stands) = mpsc::sync_channel::<()>(1);
        let (begin, begun) = mpsc::sync_channel::<()>(1);
        let (commit, committed) = mpsc::sync_channel::<()>(1);
        let (end, ended) = mpsc::sync_channel::<()>(1);
        let database = place.store.company(&place.company).await.expect("the company's file");
        let stop = move |_: &Connection| {
            let _ = stand.send(());
            let _ = begun.recv();
            Ok::<_, StoreError>(())
        };
        database.write_then(stop, |_| ()).await.expect("queued");
        stands.recv().expect("the writer stands");
        let stop_again = move |_| {
            let _ = commit.send(());
            let _ = ended.recv();
        };
        database.write_then(|_| Ok::<_, StoreError>(()), stop_again).await.expect("queued");
        Self { begin, committed, end }
    }

    /// Commits what was queued.
    fn commit(&self) {
        self.begin.send(()).expect("the writer waits");
        self.committed.recv().expect("the writer has committed");
    }

    /// Lets everybody be told.
    fn go_on(self) {
        self.end.send(()).expect("the writer waits");
    }
}

/// Goes as far as its change, which is queued for a writer that stands.
async fn begin(place: &Place, future: &mut (impl Future + Unpin)) {
    let (before, patience) = (place.store.load().1, Duration::from_secs(20));
    let queued = async {
        while place.store.load().1 == before {
            let polled = poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context).is_ready()));
            assert!(!polled.await, "it waits for the writer");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(patience, queued).await.expect("a change was queued");
}

/// The runtime of the box; and one that runs what was spawned on it whenever the test lets it.
fn runtimes() -> (Runtime, Runtime) {
    let of_box = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    (of_box, Builder::new_current_thread().enable_all().build().expect("a runtime"))
}

/// The next so many messages, waited for.
async fn next_messages(binding: &mut Binding, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        match next(binding).await {
            Push::Message(message) => ids.extend(message.id.clone()),
            Push::Waited(messages) => ids.extend(messages.iter().filter_map(|message| message.id.clone())),
            _ => {}
        }
    }
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_for_a_device_that_goes_at_that_moment_waits_for_the_next_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "once", Keep::Archive).await;
    let lost = place.connect(&bob_calls, "lost");
    let halt = Halt::of(&place).await;
    let mut coming = Box::pin(place.online(&bob_calls, &lost.device));
    begin(&place, &mut coming).await;
    halt.commit();
    place.app.live().leave(&lost.device);
    halt.go_on();
    coming.await;
    let mut next_one = place.connect(&bob_calls, "next");
    place.online(&bob_calls, &next_one.device).await;
    assert_eq!(next_messages(&mut next_one, 2).await, ["held", "once"]);
}

#[test]
fn a_note_that_a_message_waits_comes_late_and_finds_a_device_there_c1() {
    let (of_box, late) = runtimes();
    let place = of_box.block_on(Place::new());
    let ((_, alice_calls), (bob, bob_calls)) = of_box.block_on(pair(&place));
    let sender = place.connect(&alice_calls, "a");
    let lost = place.connect(&bob_calls, "lost");
    let halt = of_box.block_on(async {
        place.online(&bob_calls, &lost.device).await;
        Halt::of(&place).await
    });
    late.block_on(place.say(&alice_calls, &sender.device, &bob.user.id, "once", Keep::Archive));
    halt.commit();
    place.app.live().leave(&lost.device);
    halt.go_on();
    let mut there = place.connect(&bob_calls, "there");
    of_box.block_on(place.online(&bob_calls, &there.device));
    late.block_on(async {
        tokio::task::yield_now().await;
        committed(&place.app, &bob_calls).await.expect("what was queued before is on the disk");
    });
    assert_eq!(of_box.block_on(taken(&place, &bob_calls, &mut there)), ["once"]);
    let mut other = place.connect(&bob_calls, "other");
    of_box.block_on(place.online(&bob_calls, &other.device));
    assert!(of_box.block_on(taken(&place, &bob_calls, &mut other)).is_empty(), "it waits no longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_finds_a_message_among_what_waits_gets_it_once_c1() {
    let place = Place::new().await;
    let ((_, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    let (mut first, mut second) = (place.connect(&bob_calls, "first"), place.connect(&bob_calls, "second"));
    place.online(&bob_calls, &first.device).await;
    let halt = Halt::of(&place).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken).await;
    let mut coming = Box::pin(place.online(&bob_calls, &second.device));
    begin(&place, &mut coming).await;
    halt.commit();
    halt.go_on();
    coming.await;
    assert_eq!(taken(&place, &bob_calls, &mut first).await, ["held"]);
    assert_eq!(taken(&place, &bob_calls, &mut second).await, ["held"]);
}

const ALL: Asked =
    Asked { after: None, before: None, newest: false, max: 100, every_kind: false, remarks: false, known: Vec::new() };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_after_a_history_was_cleared_is_in_it_and_told_after_it_c1() {
    let place = Place::new().await;
    let ((alice, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    let mut device = place.connect(&bob_calls, "b");
    place.online(&bob_calls, &device.device).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "old", Keep::Archive).await;
    assert_eq!(taken(&place, &bob_calls, &mut device).await, ["old"]);
    let halt = Halt::of(&place).await;
    let mut clearing = Box::pin(clear(&place.app, &bob_calls, &alice.user.id));
    begin(&place, &mut clearing).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "new", Keep::Archive).await;
    halt.commit();
    halt.go_on();
    committed(&place.app, &bob_calls).await.expect("all were told");
    let mut told = Vec::new();
    while let Some(push) = device.pushes.take() {
        match push {
            Push::Cleared(Peer::User(with)) if with == alice.user.id => told.push(String::from("cleared")),
            Push::Message(message) => told.extend(message.id.clone()),
            _ => {}
        }
    }
    assert_eq!(told, ["cleared", "new"]);
    clearing.await.expect("cleared");
    let page = history(&place.app, &bob_calls, Some(&alice.user.id), ALL).await.expect("a history");
    assert_eq!(page.messages.into_iter().map(|message| message.stanza_id).collect::<Vec<_>>(), ["new"]);
}

async fn reads(place: &Place, reader: &Caller, device: &Device, sender: &UserId, id: &str) {
    let read = Mark {
        sender: sender.clone(),
        message_id: id.to_owned(),
        kind: MarkKind::Read,
        id: None,
        payload: Arc::from(""),
        standard: Arc::from(""),
    };
    mark(&place.app, reader, device, read).await.expect("queued");
    committed(&place.app, reader).await.expect("marked");
}

async fn unread(place: &Place, of: &Caller) -> Vec<u32> {
    let page = conversation::list(&place.app, of, Window { offset: 0, limit: 10 }).await.expect("a list");
    page.items.into_iter().map(|conversation| conversation.unread).collect()
}

#[test]
fn what_is_read_counts_neither_what_is_not_kept_nor_what_was_cleared_c1() {
    let (of_box, late) = runtimes();
    let place = of_box.block_on(Place::new());
    let ((alice, alice_calls), (bob, bob_calls)) = of_box.block_on(pair(&place));
    let (sender, device) = (place.connect(&alice_calls, "a"), place.connect(&bob_calls, "b"));
    of_box.block_on(place.online(&bob_calls, &device.device));
    // That it was taken is not noted as long as this runtime does not run.
    late.block_on(place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken));
    of_box.block_on(async {
        let say = |id| place.say(&alice_calls, &sender.device, &bob.user.id, id, Keep::Archive);
        say("one").await;
        say("two").await;
        reads(&place, &bob_calls, &device.device, &alice.user.id, "one").await;
        assert_eq!(unread(&place, &bob_calls).await, [1]);
        clear(&place.app, &bob_calls, &alice.user.id).await.expect("cleared");
        say("three").await;
        // Another device had "two" open when this one cleared.
        reads(&place, &bob_calls, &device.device, &alice.user.id, "two").await;
        assert_eq!(unread(&place, &bob_calls).await, [1]);
        reads(&place, &bob_calls, &device.device, &alice.user.id, "three").await;
        assert_eq!(unread(&place, &bob_calls).await, [0]);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_all_was_read_is_told_before_what_came_after_it_c1() {
    let place = Place::new().await;
    let ((alice, alice_calls), (bob, bob_calls)) = pair(&place).await;
    let sender = place.connect(&alice_calls, "a");
    let mut device = place.connect(&bob_calls, "b");
    place.online(&bob_calls, &device.device).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "one", Keep::Archive).await;
    assert_eq!(taken(&place, &bob_calls, &mut device).await, ["one"]);
    let page = conversation::list(&place.app, &bob_calls, Window { offset: 0, limit: 10 }).await.expect("a list");
    let halt = Halt::of(&place).await;
    let mut reading = Box::pin(conversation::read_all(&place.app, &bob_calls, &page.items[0].id));
    begin(&place, &mut reading).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "two", Keep::Archive).await;
    halt.commit();
    halt.go_on();
    committed(&place.app, &bob_calls).await.expect("all were told");
    let mut told = Vec::new();
    while let Some(push) = device.pushes.take() {
        match push {
            Push::AllRead { with, received: true, .. } if with == alice.user.id => told.push(String::from("read")),
            Push::Message(message) => told.extend(message.id.clone()),
            _ => {}
        }
    }
    assert_eq!(told, ["read", "two"]);
    reading.await.expect("read");
}

async fn bubble_of(place: &Place, organizer: &Caller, member: &Caller) -> BubbleId {
    let description = Change { name: Some(String::from("Late")), ..Change::default() };
    let new = New { description, shares_history: false, door: Door::Open };
    let id = bubble::create(&place.app, organizer, new).await.expect("a bubble").id;
    let add = Step::Add { user: member.user.clone(), moderator: true, accepted: true };
    bubble::step(&place.app, organizer, &id, add, "").await.expect("a member");
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_far_a_bubble_was_read_is_told_in_the_order_in_which_it_was_c1() {
    let place = Place::new().await;
    let ((_, alice), (_, bob)) = pair(&place).await;
    let id = bubble_of(&place, &alice, &bob).await;
    let sender = place.connect(&alice, "a");
    place.online(&alice, &sender.device).await;
    bubble::enter(&place.app, &alice, &sender.device, &id, None).await.expect("inside");
    for text in ["one", "two"] {
        let out = Utterance {
            bubble: id.clone(),
            id: text.to_owned(),
            kind: Kind::Message,
            kept: true,
            payload: Arc::from(format!("<body>{text}</body>")),
            about: None,
            body: text.to_owned(),
        };
        bubble::say(&place.app, &alice, &sender.device, out).await.expect("said");
    }
    let (first, second, mut third) =
        (place.connect(&bob, "first"), place.connect(&bob, "second"), place.connect(&bob, "third"));
    let halt = Halt::of(&place).await;
    let marked = |device, name: &str| bubble::mark(&place.app, &bob, device, &id, name.to_owned(), MarkKind::Read);
    let (mut one, mut two) = (Box::pin(marked(&first.device, "one")), Box::pin(marked(&second.device, "two")));
    begin(&place, &mut one).await;
    begin(&place, &mut two).await;
    halt.commit();
    halt.go_on();
    two.await.expect("marked");
    one.await.expect("marked");
    let mut left = Vec::new();
    while let Some(push) = third.pushes.take() {
        if let Push::BubbleRead(read) = push {
            left.push(read.unread);
        }
    }
    assert_eq!(left, [1, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_that_one_takes_back_and_another_publishes_at_once_ends_by_itself_c3() {
    let place = Place::new().await;
    let ((_, alice), (_, bob)) = pair(&place).await;
    let id = bubble_of(&place, &alice, &bob).await;
    let answers = vec![String::from("yes"), String::from("no")];
    let questions = vec![Question { text: String::from("Well?"), multiple: false, answers }];
    let paper = Paper { title: String::from("Ask"), questions, anonymous: true, duration_min: 1 };
    let poll = poll::make(&place.app, &alice, &id, paper).await.expect("a poll").id;
    poll::turn(&place.app, &alice, &poll, Act::Publish).await.expect("published");
    let halt = Halt::of(&place).await;
    let mut back = Box::pin(poll::turn(&place.app, &alice, &poll, Act::Unpublish));
    let mut anew = Box::pin(poll::turn(&place.app, &bob, &poll, Act::Publish));
    begin(&place, &mut back).await;
    begin(&place, &mut anew).await;
    halt.commit();
    halt.go_on();
    anew.await.expect("published anew");
    back.await.expect("taken back");
    let mut device = place.connect(&bob, "b");
    place.clock.advance(60_000);
    poll::end_due(&place.app).await;
    let page = poll::find(&place.app, &bob, &poll).await.expect("still there");
    assert_eq!(page.state, State::Terminated);
    let told = device.pushes.take();
    assert!(matches!(told, Some(Push::Notice(_))), "nobody hears that it is over: {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_removed_as_soon_as_it_is_over_does_not_come_back_j6() {
    let place = Place::new().await;
    let ((_, alice), (_, bob)) = pair(&place).await;
    let (phone, mut device) = (place.connect(&alice, "phone"), place.connect(&bob, "b"));
    let says = |act| {
        let out = Signal {
            to: bob.user.clone(),
            to_resource: None,
            stanza: MessageType::Chat,
            id: None,
            act,
            sid: String::from("call"),
            copied: false,
            payload: Arc::from(""),
        };
        call::signal(&place.app, &alice, &phone.device, out)
    };
    says(Said::Propose(Medium::Audio)).await.expect("it rings");
    let halt = Halt::of(&place).await;
    let mut over = Box::pin(says(Said::Retract));
    let mut removed = Box::pin(call::remove(&place.app, &bob, None, None));
    begin(&place, &mut over).await;
    begin(&place, &mut removed).await;
    halt.commit();
    halt.go_on();
    removed.await.expect("removed");
    over.await.expect("it is over");
    let mut told = Vec::new();
    while let Some(push) = device.pushes.take() {
        let Push::Call(news) = push else { continue };
        told.push(match &*news {
            CallNews::Entered(_) => "entered",
            CallNews::Removed(_) => "removed",
            CallNews::Read(_) => "read",
        });
    }
    assert_eq!(told, ["entered", "removed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_somebody_has_just_gone_on_with_is_not_idle_c7() {
    let shared =
        FileSettings { size_limit_bytes: 1 << 20, chunk_bytes: 1 << 20, quota_bytes: 1 << 20, reserve_bytes: 0 };
    let place = Place::with(Settings { files: Some(shared), ..support::settings() }).await;
    let _scans = file::scans(&place.app, || true);
    let ((_, alice), _) = pair(&place).await;
    let new =
        file::New { name: String::from("a.txt"), extension: String::from("txt"), size_bytes: 6, viewers: Vec::new() };
    let id = file::announce(&place.app, &alice, new).await.expect("room").file.id;
    let mut first = file::receive(&place.app, &alice, &id, Part::Number(0)).await.expect("announced");
    first.append(b"abc".to_vec()).await.expect("room");
    first.done();
    place.clock.advance(3_600_001);
    let mut second = file::receive(&place.app, &alice, &id, Part::Number(1)).await.expect("it goes on");
    file::look_after(&place.app).await.expect("a round");
    second.append(b"def".to_vec()).await.expect("room");
    second.done();
    file::finish(&place.app, &alice, &id).await.expect("whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_devices_hear_last_of_a_mute_is_what_was_set_last_c1() {
    let place = Place::new().await;
    let ((alice, _), (_, bob)) = pair(&place).await;
    let open = conversation::open(&place.app, &bob, &Peer::User(alice.user.id.clone()), false).await.expect("open");
    let mut device = place.connect(&bob, "b");
    let halt = Halt::of(&place).await;
    let mut on = Box::pin(conversation::set_mute(&place.app, &bob, &open.id, true));
    let mut off = Box::pin(conversation::set_mute(&place.app, &bob, &open.id, false));
    begin(&place, &mut on).await;
    begin(&place, &mut off).await;
    halt.commit();
    halt.go_on();
    off.await.expect("set");
    on.await.expect("set");
    let mut told = Vec::new();
    while let Some(push) = device.pushes.take() {
        let Push::Notice(notice) = push else { continue };
        if let Notice::Mute { mute, .. } = &*notice {
            told.push(*mute);
        }
    }
    assert_eq!(told, [true, false]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_devices_hear_last_of_a_node_is_what_stands_in_it_c2() {
    let place = Place::new().await;
    let ((_, alice), _) = pair(&place).await;
    let mut device = place.connect(&alice, "a");
    place.online(&alice, &device.device).await;
    place.app.live().want(&device.device, &Arc::new([String::from("avatar")].into()));
    let publish = |payload: &str| {
        let item = node::Item { id: String::from("current"), payload: payload.to_owned() };
        node::publish(&place.app, &alice, "avatar", item, node::Settings::default())
    };
    let halt = Halt::of(&place).await;
    let (mut one, mut two) = (Box::pin(publish("<one/>")), Box::pin(publish("<two/>")));
    begin(&place, &mut one).await;
    begin(&place, &mut two).await;
    halt.commit();
    halt.go_on();
    two.await.expect("published");
    one.await.expect("published");
    let mut told = Vec::new();
    while let Some(push) = device.pushes.take() {
        let Push::Event(event) = push else { continue };
        if let Happened::Published(item) = &event.happened {
            told.push(item.payload.clone());
        }
    }
    assert_eq!(told, ["<one/>", "<two/>"]);
}
