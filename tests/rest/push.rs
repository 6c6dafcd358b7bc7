//! Pushes to browsers of people who are away (J9): who is told, of what, and where the box calls (E6).

use crate::{NOBODY, SESSIONS, USERS, polls};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use world::device::{NO_STORE, STORE};
use world::push_service::{Browser, PushService};
use world::stanza::ns;
use world::{Answer, Device, EdgeBox, SignedIn, World, expect};

const KEY: &str = "/api/edge/v1/push/key";
const SUBSCRIPTIONS: &str = "/api/edge/v1/push/subscriptions";
const RING: &str = "urn:xmpp:jingle-message:0";
const CALLS: &str = "jabber:iq:notification:telephony:call_log";
const CONTACT: &str = "mailto:it@acme.test";

/// Keys that are some browser's (RFC 8291, appendix A), for subscriptions that nothing is read from.
pub(crate) fn subscription(endpoint: &str) -> Value {
    let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    json!({ "endpoint": endpoint, "keys": { "p256dh": p256dh, "auth": "BTBZMqHH6r4Tts7J_aSIgg" } })
}

/// Subscribes somebody; `{id}`.
pub(crate) async fn subscribed(who: &SignedIn, endpoint: &str) -> Value {
    expect::data(&who.client.post(SUBSCRIPTIONS, &subscription(endpoint)).await)
}

fn service() -> &'static PushService {
    static SERVICE: OnceLock<PushService> = OnceLock::new();
    SERVICE.get_or_init(PushService::new)
}

/// A box that may call the test's push service; names of persons are unique per test.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let more = format!("allow_private = true\ncontact = \"{CONTACT}\"");
        World::configured(&service().configuration(&more))
    })
}

async fn listed(who: &SignedIn) -> Vec<Value> {
    expect::list(&who.client.get(SUBSCRIPTIONS).await)
}

/// A browser on this sign-in; what the service does with its pushes is the first word of the path.
async fn browser(who: &SignedIn, path: &str) -> Browser {
    let browser = service().browser(path);
    expect::data(&who.client.post(SUBSCRIPTIONS, &browser.subscription()).await);
    browser
}

/// Somebody new who writes.
struct Writer {
    who: SignedIn,
    device: Device,
    count: u32,
}

impl Writer {
    async fn new(name: &str) -> Self {
        Self::of(&world().edge, world().signed_in(name).await).await
    }

    async fn of(edge: &EdgeBox, who: SignedIn) -> Self {
        let device = Device::online(edge, &who, "node_writer").await;
        Self { who, device, count: 0 }
    }

    /// Writes and waits for the server's receipt, which comes with the commit.
    async fn says(&mut self, to: &SignedIn, text: &str) {
        self.count += 1;
        let id = format!("{}-{}", self.who.local(), self.count);
        self.device.message(to.jid(), &id, text, STORE).await;
        self.device
            .expect("the server's receipt", |e| {
                e.child("received", ns::RECEIPTS).is_some_and(|received| received.attr("id") == Some(id.as_str()))
            })
            .await;
    }

    fn name(&self) -> String {
        format!("{} {}", told(&self.who.user["firstName"]), told(&self.who.user["lastName"]))
    }
}

fn told(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a string is expected: {value}"))
}

fn refused_field(answer: &Answer, field: &str) -> String {
    let details = told(&expect::refusal(answer, 400)["errorDetails"]).to_owned();
    assert!(details.starts_with(&format!("{field}: ")), "{details}");
    details
}

#[tokio::test]
async fn who_is_away_is_told_who_wrote_and_nothing_of_what_j9() {
    let (mut writer, away) = (Writer::new("pia").await, world().signed_in("paul").await);
    let phone = browser(&away, "take/paul").await;
    writer.says(&away, "the secret of the day").await;
    let pushed = service().arrived(&phone, 1).await;
    let expected = json!({"title": writer.name(), "conversation": writer.who.id(), "kind": "message"});
    assert_eq!(phone.read(&pushed), expected);
    assert_eq!((pushed.header("ttl"), pushed.header("urgency")), ("86400", "normal"));
    let topic = pushed.header("topic");
    assert!((1..=32).contains(&topic.len()), "{topic}");
    for word in [writer.who.id(), away.id(), "secret"] {
        assert!(!format!("{:?}", pushed.headers).contains(word), "the push service learns {word}");
    }
    let (claims, key) = pushed.vapid();
    assert_eq!(expect::data(&away.client.get(KEY).await), json!({ "publicKey": key }));
    assert_eq!(
        (told(&claims["aud"]), told(&claims["sub"])),
        (format!("https://{}", service().host()).as_str(), CONTACT)
    );
    assert!(claims["exp"].is_u64(), "{claims}");
}

#[tokio::test]
async fn a_message_from_another_company_is_pushed_too_j9() {
    let edge = &world().edge;
    edge.add_company("Push-Neighbours", "public");
    let away = edge.add_person("Push-Neighbours", "petra@neighbours.test", &[]).sign_in(edge).await;
    let mut writer = Writer::new("pius").await;
    away.join(&writer.who).await;
    let phone = browser(&away, "take/petra").await;
    writer.says(&away, "from afar").await;
    let read = phone.read(&service().arrived(&phone, 1).await);
    assert_eq!(read, json!({"title": writer.name(), "conversation": writer.who.id(), "kind": "message"}));
}

#[tokio::test]
async fn members_of_a_bubble_who_are_away_are_told_who_wrote_and_where_and_nothing_of_what_j9_c3() {
    let edge = &world().edge;
    edge.add_company("Push-Bubble", "public");
    let mut writer = Writer::new("bubba").await;
    let (away, muted, reader) =
        (world().signed_in("bodo").await, world().signed_in("bela").await, world().signed_in("bert").await);
    let guest = edge.add_person("Push-Bubble", "bea@bubble.test", &[]).sign_in(edge).await;
    let bubble = writer.who.bubble("Night shift").await;
    for who in [&away, &muted, &reader, &guest] {
        writer.who.add_to(&bubble, who).await;
    }
    guest.answer_to(&bubble, "accepted").await;
    let (phone, afar) = (browser(&away, "take/bodo").await, browser(&guest, "take/bea").await);
    let (silent, own, there) = (
        browser(&muted, "take/bela").await,
        browser(&writer.who, "take/bubba").await,
        browser(&reader, "take/bert").await,
    );
    let connected = Device::online(edge, &reader, "web_bert").await;
    let conversations = format!("{USERS}/{}/conversations", muted.id());
    expect::data(&muted.client.post(&conversations, &json!({"peerId": bubble.id, "type": "room", "mute": true})).await);
    writer.device.enter(&bubble).await;
    writer.device.say(&bubble, "first", "<body>the secret of the night</body>").await;
    let expected =
        json!({"title": writer.name(), "bubble": "Night shift", "conversation": bubble.id, "kind": "message"});
    for browser in [&phone, &afar] {
        let pushed = service().arrived(browser, 1).await;
        assert_eq!(browser.read(&pushed), expected);
        for word in [bubble.id.as_str(), writer.who.id(), "Night", "secret"] {
            assert!(!format!("{:?}", pushed.headers).contains(word), "the push service learns {word}");
        }
    }
    // Nothing else of a bubble is pushed, and what follows within seconds is the same push.
    writer.device.say(&bubble, "first", &format!("<body>nothing</body><modified xmlns='{}'/>", ns::CORRECT)).await;
    for number in 0..20 {
        writer.device.say(&bubble, &format!("next-{number}"), "<body>and on</body>").await;
    }
    assert_eq!((service().count(&silent), service().count(&own)), (0, 0));
    assert_eq!(service().count(&there), 0, "who is connected is not told");
    connected.leave().await;
    assert!(service().count(&phone) <= 3, "{}", service().count(&phone));
}

#[tokio::test]
async fn members_who_are_away_are_told_of_a_poll_once_it_is_published_and_nothing_of_it_j9_c3() {
    let mut organizer = Writer::new("berta").await;
    let (away, muted) = (world().signed_in("benno").await, world().signed_in("bodil").await);
    let bubble = organizer.who.bubble("Canteen").await;
    for who in [&away, &muted] {
        organizer.who.add_to(&bubble, who).await;
    }
    let (phone, silent) = (browser(&away, "take/benno").await, browser(&muted, "take/bodil").await);
    let own = browser(&organizer.who, "take/berta").await;
    let conversations = format!("{USERS}/{}/conversations", muted.id());
    expect::data(&muted.client.post(&conversations, &json!({"peerId": bubble.id, "type": "room", "mute": true})).await);
    let poll = polls::made(&organizer.who, &bubble.id, json!({"title": "the secret of the soup"})).await;
    assert_eq!(polls::turn(&organizer.who, &poll, "publish").await, 200);
    let pushed = service().arrived(&phone, 1).await;
    let expected = json!({"title": organizer.name(), "bubble": "Canteen", "conversation": bubble.id, "kind": "poll"});
    assert_eq!(phone.read(&pushed), expected);
    // Votes, its end and its change are looked for by who wants to know; the organizer himself has just done it.
    assert_eq!(polls::turn(&organizer.who, &poll, "terminate").await, 200);
    organizer.says(&away, "something else").await;
    let next = service().arrived(&phone, 2).await;
    assert_eq!(phone.read(&next)["kind"], json!("message"));
    assert_eq!((service().count(&phone), service().count(&silent), service().count(&own)), (2, 0, 0));
}

/// A ring, and that the caller gives up or the callee's own device takes it.
async fn word(device: &mut Device, name: &str, sid: &str, to: &str) {
    let sound = "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>";
    let content = if name == "propose" { sound } else { "" };
    device.chat(to, &format!("{name}-{sid}"), &format!("<{name} xmlns='{RING}' id='{sid}'>{content}</{name}>")).await;
}

#[tokio::test]
async fn who_is_away_is_told_who_called_once_the_caller_gave_up_j6_j9() {
    let (mut first, mut caller) = (Writer::new("casper").await, Writer::new("cilla").await);
    let (away, there) = (world().member("carola"), world().signed_in("clara").await);
    let (desk, pocket) = (away.sign_in(&world().edge).await, away.sign_in(&world().edge).await);
    let (at_desk, in_pocket) = (browser(&desk, "take/carola-desk").await, browser(&pocket, "take/carola-pocket").await);
    let near = browser(&there, "take/clara").await;
    let mut device = Device::online(&world().edge, &desk, "web_carola").await;
    let connected = Device::online(&world().edge, &there, "web_clara").await;
    for device in [&mut device, &mut first.device, &mut caller.device] {
        device.iq("set", None, &format!("<enable xmlns='{RING}'/>")).await;
    }
    // One that is answered at the desk is no news in the pocket.
    word(&mut first.device, "propose", "taken", desk.jid()).await;
    device.expect("the ring", |e| e.child("propose", RING).is_some()).await;
    let from = first.device.jid().to_owned();
    word(&mut device, "proceed", "taken", &from).await;
    first.device.expect("that it was taken", |e| e.child("proceed", RING).is_some()).await;
    word(&mut first.device, "finish", "taken", desk.jid()).await;
    device.expect("the record", |e| e.child("updated_call_log", CALLS).is_some()).await;

    for (sid, to) in [("missed", &desk), ("missed-near", &there)] {
        word(&mut caller.device, "propose", sid, to.jid()).await;
        word(&mut caller.device, "retract", sid, to.jid()).await;
    }
    let pushed = service().arrived(&in_pocket, 1).await;
    let expected = json!({"title": caller.name(), "conversation": caller.who.id(), "kind": "missed_call"});
    assert_eq!(in_pocket.read(&pushed), expected);
    let log = device.expect("the record", |e| e.child("updated_call_log", CALLS).is_some()).await;
    let state = log.find("state", CALLS).map(|state| state.text.clone());
    assert_eq!(state.as_deref(), Some("missed"), "{log:?}");
    first.says(&desk, "then I write").await;
    let next = service().arrived(&in_pocket, 2).await;
    assert_eq!(in_pocket.read(&next)["conversation"], json!(first.who.id()), "and of nothing between the two");
    assert_eq!((service().count(&at_desk), service().count(&near)), (0, 0), "who is connected is not told");
    connected.leave().await;
}

#[tokio::test]
async fn a_browser_whose_own_sign_in_is_connected_is_not_pushed_to_j9() {
    let person = world().member("perla");
    let (desk, pocket) = (person.sign_in(&world().edge).await, person.sign_in(&world().edge).await);
    let (at_desk, in_pocket) = (browser(&desk, "take/perla-desk").await, browser(&pocket, "take/perla-pocket").await);
    let device = Device::online(&world().edge, &desk, "web_desk").await;
    let (mut first, mut second) = (Writer::new("per").await, Writer::new("phil").await);
    first.says(&desk, "you read this at your desk").await;
    service().arrived(&in_pocket, 1).await;
    device.leave().await;
    second.says(&desk, "now you are away").await;
    service().arrived(&in_pocket, 2).await;
    let pushed = service().arrived(&at_desk, 1).await;
    assert_eq!(at_desk.read(&pushed)["conversation"], json!(second.who.id()), "the first was not pushed here");
    assert_eq!(service().count(&at_desk), 1);
}

#[tokio::test]
async fn muted_conversations_are_not_pushed_j9() {
    let away = world().signed_in("pirmin").await;
    let phone = browser(&away, "take/pirmin").await;
    let (mut muted, mut heard) = (Writer::new("paula").await, Writer::new("pit").await);
    let conversations = format!("{USERS}/{}/conversations", away.id());
    let body = json!({"peerId": muted.who.id(), "type": "user", "mute": true});
    expect::data(&away.client.post(&conversations, &body).await);
    muted.says(&away, "quietly").await;
    heard.says(&away, "loudly").await;
    let pushed = service().arrived(&phone, 1).await;
    assert_eq!(phone.read(&pushed)["conversation"], json!(heard.who.id()));
    assert_eq!(service().count(&phone), 1);
}

#[tokio::test]
async fn typing_corrections_receipts_and_what_is_not_stored_are_not_pushed_j9() {
    let away = world().signed_in("poldi").await;
    let (mut writer, mut other) = (Writer::new("pola").await, Writer::new("percy").await);
    writer.says(&away, "teh first").await;
    let phone = browser(&away, "take/poldi").await;
    let (to, first) = (away.jid().to_owned(), format!("{}-1", writer.who.local()));
    let device = &mut writer.device;
    device.chat(&to, "typing", &format!("<composing xmlns='{}'/>", ns::CHAT_STATES)).await;
    device.message(&to, "fleeting", "gone", NO_STORE).await;
    device.receipt(&to, "read", "any").await;
    device.chat(&to, &first, &format!("<body>the first</body><modified xmlns='{}'/>{STORE}", ns::CORRECT)).await;
    device.settle().await;
    other.says(&away, "a new one").await;
    let pushed = service().arrived(&phone, 1).await;
    assert_eq!(phone.read(&pushed)["conversation"], json!(other.who.id()));
    assert_eq!(service().count(&phone), 1);
}

#[tokio::test]
async fn fifty_messages_are_not_fifty_pushes_e5() {
    let away = world().signed_in("pelle").await;
    let phone = browser(&away, "take/pelle").await;
    let (mut chatty, mut other) = (Writer::new("pamela").await, Writer::new("peer").await);
    let start = Instant::now();
    for number in 0..50 {
        chatty.says(&away, &format!("and {number}")).await;
    }
    other.says(&away, "hello").await;
    let first = service().arrived(&phone, 1).await;
    // Where fifty take longer than a window, there are several of them.
    let mut number = 2;
    while service().arrived(&phone, number).await.header("topic") == first.header("topic") {
        number += 1;
    }
    let pushes = service().count(&phone);
    let windows = usize::try_from(start.elapsed().as_secs() / 5).expect("a short test") + 1;
    assert!(pushes <= windows + 1, "{pushes} pushes, each conversation with a topic of its own");
}

#[tokio::test]
async fn a_subscription_that_the_service_says_is_gone_is_removed_j9() {
    let away = world().signed_in("pascal").await;
    let phone = browser(&away, "gone/pascal").await;
    assert_eq!(listed(&away).await.len(), 1);
    Writer::new("patrick").await.says(&away, "hello?").await;
    service().arrived(&phone, 1).await;
    let start = Instant::now();
    while !listed(&away).await.is_empty() {
        assert!(start.elapsed() < Duration::from_secs(world::PATIENCE_S), "the subscription stays");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_a_redirect_leads_nowhere_j9_e6() {
    let away = world().signed_in("pernille").await;
    let phone = browser(&away, "busy/pernille").await;
    let led_away = browser(&away, "elsewhere/pernille").await;
    let target = service().browser("take/pernille");
    let start = Instant::now();
    Writer::new("palle").await.says(&away, "still there?").await;
    let (first, second) = (service().arrived(&phone, 1).await, service().arrived(&phone, 2).await);
    assert!(start.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
    assert_eq!(phone.read(&first), phone.read(&second));
    service().arrived(&led_away, 1).await;
    assert_eq!((service().count(&led_away), service().count(&target)), (1, 0));
    assert_eq!(listed(&away).await.len(), 2, "neither is a reason to forget it");
}

#[tokio::test]
async fn a_subscription_ends_with_its_sign_in_j9() {
    let person = world().member("pepe");
    let edge = &world().edge;
    let (kept, left, revoked) = (person.sign_in(edge).await, person.sign_in(edge).await, person.sign_in(edge).await);
    let stays = browser(&kept, "take/pepe-kept").await;
    let (gone, cut) = (browser(&left, "take/pepe-left").await, browser(&revoked, "take/pepe-revoked").await);
    assert_eq!(listed(&kept).await.len(), 3);
    expect::success(&left.sign_out().await);
    let sessions = expect::list(&revoked.client.get(SESSIONS).await);
    let own = sessions.iter().find(|session| session["isCurrent"] == json!(true)).expect("its own");
    expect::data(&kept.client.delete(&format!("{SESSIONS}/{}", told(&own["id"]))).await);
    let left_over = listed(&kept).await;
    assert_eq!((left_over.len(), &left_over[0]["isCurrent"]), (1, &json!(true)));
    Writer::new("pim").await.says(&kept, "who hears this?").await;
    service().arrived(&stays, 1).await;
    assert_eq!((service().count(&gone), service().count(&cut)), (0, 0));
}

#[tokio::test]
async fn an_address_at_no_listed_service_is_refused_and_the_reason_is_told_e6() {
    let who = world().signed_in("penelope").await;
    let host = service().host();
    for (endpoint, reason) in [
        ("https://evil.test/a", "https://evil.test is no push service"),
        ("https://localhost/a", "https://localhost is no push service"),
        ("https://fcm.googleapis.com/a", "push.hosts"),
        ("http://localhost/a", "https://"),
        ("https://me:pass@localhost/a", "password"),
        ("https://local host/a", "host"),
        ("rubbish", "https://"),
    ] {
        let answer = who.client.post(SUBSCRIPTIONS, &subscription(endpoint)).await;
        let details = refused_field(&answer, "endpoint");
        assert!(details.contains(reason), "{endpoint}: {details}");
    }
    let long = format!("https://{host}/{}", "a".repeat(3000));
    refused_field(&who.client.post(SUBSCRIPTIONS, &subscription(&long)).await, "endpoint");
    let good = format!("https://{host}/take/penelope");
    for (key, value) in [("p256dh", "BAAA"), ("p256dh", ""), ("auth", "AAAA"), ("auth", "%%%")] {
        let mut body = subscription(&good);
        body["keys"][key] = json!(value);
        refused_field(&who.client.post(SUBSCRIPTIONS, &body).await, key);
    }
    refused_field(&who.client.post(SUBSCRIPTIONS, &json!({ "endpoint": good })).await, "keys");
    refused_field(&who.client.post(SUBSCRIPTIONS, &json!({ "keys": subscription("")["keys"] })).await, "endpoint");
    assert!(listed(&who).await.is_empty());
}

#[tokio::test]
async fn ones_subscriptions_are_listed_without_their_address_bounded_and_ones_own_j9_e5() {
    let who = world().signed_in("petula").await;
    let address = |number: u32| format!("https://{}/take/petula-{number}", service().host());
    let first = subscribed(&who, &address(0)).await;
    assert_eq!(subscribed(&who, &address(0)).await, first, "the same browser keeps its id");
    for number in 1..=10 {
        subscribed(&who, &address(number)).await;
    }
    let answer = who.client.get(SUBSCRIPTIONS).await;
    let all = expect::list(&answer);
    assert!(all.len() == 10 && !answer.text().contains("petula"), "{}", answer.text());
    assert!(all.iter().all(|one| one["id"] != first["id"]), "the oldest went");
    assert_eq!(all[0]["service"], json!(format!("https://{}", service().host())));
    assert!(told(&all[0]["creationDate"]).ends_with('Z') && all[0]["isCurrent"] == json!(true), "{}", all[0]);

    let path = format!("{SUBSCRIPTIONS}/{}", told(&all[0]["id"]));
    let (colleague, stranger) = (world().signed_in("primus").await, world().eve.sign_in(&world().edge).await);
    for other in [&colleague, &stranger] {
        let foreign = other.client.delete(&path).await;
        expect::refusal(&foreign, 404);
        let none = other.client.delete(&format!("{SUBSCRIPTIONS}/{NOBODY}")).await;
        expect::indistinguishable((&foreign, told(&all[0]["id"])), (&none, NOBODY));
    }
    expect::data(&who.client.delete(&path).await);
    expect::refusal(&who.client.delete(&path).await, 404);
    assert_eq!(listed(&who).await.len(), 9);
}

#[tokio::test]
async fn a_service_inside_of_a_network_is_not_called_unless_allowed_and_key_and_subscriptions_survive_e6() {
    let service = service();
    let World { edge, alice, bob, .. } = World::configured(&service.configuration(""));
    let (alice, bob) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    let phone = service.browser("take/bob");
    expect::data(&bob.client.post(SUBSCRIPTIONS, &phone.subscription()).await);
    let key = expect::data(&bob.client.get(KEY).await);
    let mut writer = Writer::of(&edge, alice.clone()).await;
    writer.says(&bob, "inside").await;
    let start = Instant::now();
    while !edge.log_since_start().contains("inside of a network") {
        assert!(start.elapsed() < Duration::from_secs(world::PATIENCE_S), "{}", edge.log_since_start());
        tokio::task::yield_now().await;
    }
    assert!(edge.log().contains(&format!("https://{}", service.host())) && !edge.log().contains("take/bob"));
    assert_eq!(service.count(&phone), 0);

    edge.terminate();
    edge.configure(&service.configuration("allow_private = true"));
    edge.start();
    assert_eq!(expect::data(&bob.client.get(KEY).await), key, "a browser subscribed with this key");
    Writer::of(&edge, alice).await.says(&bob, "allowed now").await;
    let pushed = service.arrived(&phone, 1).await;
    assert_eq!(phone.read(&pushed)["kind"], json!("message"));
    assert_eq!(pushed.vapid().0["sub"], json!("https://localhost"), "the box's own address without a contact");

    edge.terminate();
    edge.configure(&service.configuration("enabled = false"));
    edge.start();
    assert_eq!(expect::data(&bob.client.get(KEY).await), json!({ "publicKey": null }));
    let refused = bob.client.post(SUBSCRIPTIONS, &phone.subscription()).await;
    assert!(refused_field(&refused, "endpoint").contains("switched off"));
    assert_eq!(listed(&bob).await.len(), 1);

    edge.terminate();
    edge.configure("[push]\nca_file = \"missing.pem\"\n");
    let stopped = edge.start_refused();
    assert_eq!(stopped.code, Some(78), "{}", stopped.out);
    assert!(stopped.out.contains("push.ca_file") && stopped.out.contains("missing.pem"), "{}", stopped.out);
}
