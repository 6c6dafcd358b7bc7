//! Messages, presence and blocks between two companies: each has a file of its own, an outbox joins them.

use crate::support::{Place, next, taken};
use app::live::{Binding, Push, Refusal};
use app::message::{Asked, Keep, Kind, Mark, MarkKind, Outgoing, history, mark, send};
use app::network::{self, Answer, Invited};
use app::sign_in::SignedIn;
use app::{AppError, Caller};
use domain::ids::UserId;
use domain::visibility::Visibility;
use std::sync::Arc;

const ALL: Asked =
    Asked { after: None, before: None, newest: false, max: 100, every_kind: false, remarks: false, known: Vec::new() };

/// Two people of different companies.
struct Pair {
    place: Place,
    ann: (SignedIn, Caller),
    ben: (SignedIn, Caller),
}

impl Pair {
    async fn strangers() -> Self {
        let place = Place::new().await;
        let globex = app::company::add(&place.app, "Globex", Visibility::Public).await.expect("a company");
        let (ann, ben) = (place.person("ann").await, place.person_of(&globex, "ben").await);
        let (ann_calls, ben_calls) = (place.caller(&ann).await, place.caller(&ben).await);
        Self { place, ann: (ann, ann_calls), ben: (ben, ben_calls) }
    }

    async fn joined() -> Self {
        let pair = Self::strangers().await;
        pair.join().await;
        pair
    }

    async fn join(&self) {
        let app = &self.place.app;
        let asked = Invited::User(self.ben_id().clone());
        let invitation = network::invite(app, &self.ann.1, asked).await.expect("an invitation");
        network::answer(app, &self.ben.1, &invitation.id, Answer::Accept).await.expect("an answer");
    }

    fn ann_id(&self) -> &UserId {
        &self.ann.0.user.id
    }

    fn ben_id(&self) -> &UserId {
        &self.ben.0.user.id
    }

    async fn change(&self, device: &Binding, kind: Kind, id: &str, text: &str) {
        let out = Outgoing {
            id: id.to_owned(),
            to: self.ben_id().clone(),
            kind,
            keep: Keep::Archive,
            copied: true,
            to_resource: None,
            stanza: app::live::MessageType::Chat,
            about: None,
            payload: Arc::from(format!("<body>{text}</body>")),
            body: text.to_owned(),
        };
        send(&self.place.app, &self.ann.1, &device.device, out).await.expect("a queued change");
    }

    /// What both sides' archives hold: (id, payload, received, read).
    async fn archives(&self) -> [Vec<(String, String, bool, bool)>; 2] {
        let mut both = [Vec::new(), Vec::new()];
        for (archive, (caller, with)) in
            both.iter_mut().zip([(&self.ann.1, self.ben_id()), (&self.ben.1, self.ann_id())])
        {
            let page = history(&self.place.app, caller, Some(with), ALL).await.expect("a history");
            archive.extend(page.messages.into_iter().map(|m| (m.stanza_id, m.payload, m.received, m.read)));
        }
        both
    }
}

/// The next message, change or receipt that comes to a device.
async fn next_message(binding: &mut Binding) -> (String, String) {
    loop {
        if let Push::Message(message) = next(binding).await {
            return (message.id.clone().unwrap_or_default(), message.payload.to_string());
        }
    }
}

async fn refusal(binding: &mut Binding) -> Refusal {
    loop {
        match next(binding).await {
            Push::Refused { reason, .. } => return reason,
            Push::Accepted { id, .. } => panic!("{id} was accepted"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_has_a_copy_in_each_company_in_order_c1() {
    let pair = Pair::joined().await;
    let place = &pair.place;
    let anns = place.connect(&pair.ann.1, "a");
    for id in ["one", "two"] {
        place.say(&pair.ann.1, &anns.device, pair.ben_id(), id, Keep::Archive).await;
    }
    let mut bens = place.connect(&pair.ben.1, "b");
    place.online(&pair.ben.1, &bens.device).await;
    place.say(&pair.ann.1, &anns.device, pair.ben_id(), "three", Keep::Archive).await;
    let mut came = Vec::new();
    while came.len() < 3 {
        came.extend(taken(place, &pair.ben.1, &mut bens).await);
    }
    assert_eq!(came, ["one", "two", "three"]);
    let [anns_copy, bens_copy] = pair.archives().await;
    assert_eq!(anns_copy, bens_copy);
    assert_eq!(anns_copy.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrections_deletions_and_marks_reach_both_copies_c8() {
    let pair = Pair::joined().await;
    let place = &pair.place;
    let mut anns = place.connect(&pair.ann.1, "a");
    let mut bens = place.connect(&pair.ben.1, "b");
    place.online(&pair.ann.1, &anns.device).await;
    place.online(&pair.ben.1, &bens.device).await;
    place.say(&pair.ann.1, &anns.device, pair.ben_id(), "m1", Keep::Archive).await;
    assert_eq!(next_message(&mut bens).await.0, "m1");
    pair.change(&anns, Kind::Correction, "m1", "better").await;
    assert_eq!(next_message(&mut bens).await, (String::from("m1"), String::from("<body>better</body>")));
    let read = Mark {
        sender: pair.ann_id().clone(),
        message_id: String::from("m1"),
        kind: MarkKind::Read,
        id: Some(String::from("r1")),
        payload: Arc::from("<read/>"),
        standard: Arc::from("<displayed/>"),
    };
    mark(&place.app, &pair.ben.1, &bens.device, read).await.expect("a queued mark");
    assert_eq!(next_message(&mut anns).await, (String::from("r1"), String::from("<read/>")));
    let expected = vec![(String::from("m1"), String::from("<body>better</body>"), true, true)];
    assert_eq!(pair.archives().await, [expected.clone(), expected]);
    pair.change(&anns, Kind::Deletion, "m1", "").await;
    assert_eq!(next_message(&mut bens).await, (String::from("m1"), String::from("<body></body>")));
    let gone = vec![(String::from("m1"), String::from("<body></body>"), true, true)];
    assert_eq!(pair.archives().await, [gone.clone(), gone]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_last_message_to_somebody_can_be_changed_c8() {
    let pair = Pair::joined().await;
    let place = &pair.place;
    let mut anns = place.connect(&pair.ann.1, "a");
    for id in ["m1", "m2"] {
        place.say(&pair.ann.1, &anns.device, pair.ben_id(), id, Keep::Archive).await;
    }
    for id in ["m1", "m2"] {
        assert!(matches!(next(&mut anns).await, Push::Accepted { id: taken, .. } if taken == id));
    }
    pair.change(&anns, Kind::Correction, "m1", "late").await;
    assert_eq!(refusal(&mut anns).await, Refusal::NotTheLast);
    pair.change(&anns, Kind::Correction, "m2", "in time").await;
    assert!(matches!(next(&mut anns).await, Push::Accepted { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_go_inside_the_network_only_and_end_with_it_b6() {
    let pair = Pair::strangers().await;
    let place = &pair.place;
    let mut anns = place.connect(&pair.ann.1, "a");
    let mut bens = place.connect(&pair.ben.1, "b");
    place.online(&pair.ben.1, &bens.device).await;
    for keep in [Keep::Archive, Keep::UntilTaken, Keep::Never] {
        place.say(&pair.ann.1, &anns.device, pair.ben_id(), "stranger", keep).await;
        assert_eq!(refusal(&mut anns).await, Refusal::Unavailable, "{keep:?}");
    }
    pair.join().await;
    place.say(&pair.ann.1, &anns.device, pair.ben_id(), "friend", Keep::UntilTaken).await;
    assert_eq!(next_message(&mut bens).await.0, "friend");
    network::leave(&place.app, &pair.ben.1, pair.ann_id()).await.expect("leaving");
    place.say(&pair.ann.1, &anns.device, pair.ben_id(), "parted", Keep::Archive).await;
    assert_eq!(refusal_after_acceptance(&mut anns).await, Refusal::Unavailable);
    let [anns_copy, bens_copy] = pair.archives().await;
    assert!(anns_copy.is_empty() && bens_copy.is_empty(), "what was refused stands nowhere");
}

async fn refusal_after_acceptance(binding: &mut Binding) -> Refusal {
    loop {
        if let Push::Refused { reason, .. } = next(binding).await {
            return reason;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_is_shown_from_acceptance_to_parting_and_not_through_a_block_b6() {
    let pair = Pair::strangers().await;
    let place = &pair.place;
    let mut anns = place.connect(&pair.ann.1, "a");
    let bens = place.connect(&pair.ben.1, "b");
    place.online(&pair.ann.1, &anns.device).await;
    place.online(&pair.ben.1, &bens.device).await;
    let own_echo = presence_of(&mut anns, pair.ann_id()).await;
    assert!(own_echo, "the own echo");
    pair.join().await;
    assert!(presence_of(&mut anns, pair.ben_id()).await, "acceptance shows who is there");
    network::set_blocked(&place.app, &pair.ben.1, pair.ann_id(), true).await.expect("a block");
    assert!(!presence_of(&mut anns, pair.ben_id()).await, "a block takes it away");
    network::set_blocked(&place.app, &pair.ben.1, pair.ann_id(), false).await.expect("the end of it");
    assert!(presence_of(&mut anns, pair.ben_id()).await);
    network::leave(&place.app, &pair.ann.1, pair.ben_id()).await.expect("leaving");
    assert!(!presence_of(&mut anns, pair.ben_id()).await, "parting takes it away");
    let twice = network::leave(&place.app, &pair.ann.1, pair.ben_id()).await;
    assert!(matches!(twice, Err(AppError::NotFound(_))));
}

/// Whether the next presence of somebody that comes is an available one.
async fn presence_of(binding: &mut Binding, of: &UserId) -> bool {
    loop {
        match next(binding).await {
            Push::Presence(one) if one.from == *of => return one.available,
            Push::Presences(all) => {
                if let Some(one) = all.iter().find(|one| one.from == *of) {
                    return one.available;
                }
            }
            _ => {}
        }
    }
}
