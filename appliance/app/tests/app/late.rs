//! What comes late, or between a change and its end, finds others than it was meant for.

use crate::support::{Place, next, taken};
use app::live::{Binding, Push};
use app::message::{Keep, committed};
use std::future::{Future, poll_fn};
use std::sync::mpsc;
use std::task::Poll;
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

/// Goes as far as it can without waiting: to what is queued for the writer.
async fn begin(future: &mut (impl Future + Unpin)) {
    let is_over = poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())).await;
    assert!(!is_over, "it waits for the writer");
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
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let (alice_calls, bob_calls) = (place.caller(&alice).await, place.caller(&bob).await);
    let sender = place.connect(&alice_calls, "a");
    place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "once", Keep::Archive).await;
    let lost = place.connect(&bob_calls, "lost");
    let halt = Halt::of(&place).await;
    let mut coming = Box::pin(place.online(&bob_calls, &lost.device));
    begin(&mut coming).await;
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
    let (alice, bob) = of_box.block_on(async { (place.person("alice").await, place.person("bob").await) });
    let (alice_calls, bob_calls) = of_box.block_on(async { (place.caller(&alice).await, place.caller(&bob).await) });
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
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let (alice_calls, bob_calls) = (place.caller(&alice).await, place.caller(&bob).await);
    let sender = place.connect(&alice_calls, "a");
    let (mut first, mut second) = (place.connect(&bob_calls, "first"), place.connect(&bob_calls, "second"));
    place.online(&bob_calls, &first.device).await;
    let halt = Halt::of(&place).await;
    place.say(&alice_calls, &sender.device, &bob.user.id, "held", Keep::UntilTaken).await;
    let mut coming = Box::pin(place.online(&bob_calls, &second.device));
    begin(&mut coming).await;
    halt.commit();
    halt.go_on();
    coming.await;
    assert_eq!(taken(&place, &bob_calls, &mut first).await, ["held"]);
    assert_eq!(taken(&place, &bob_calls, &mut second).await, ["held"]);
}
