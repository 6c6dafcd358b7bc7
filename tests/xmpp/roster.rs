//! RFC 6121, 2 and 3: the roster of standard clients, its versions, and subscriptions as invitations (B6).

use crate::{Standard, online, standard, world};
use std::sync::OnceLock;
use world::stanza::{bare, ns};
use world::{Device, Element, Person};

const NEIGHBOURS: &str = "Umbrella-Nachbarn";

/// Somebody of a company that sees Acme and is seen by it: no colleague.
fn neighbour(name: &str) -> Person {
    static MADE: OnceLock<()> = OnceLock::new();
    let world = world();
    MADE.get_or_init(|| world.edge.add_company(NEIGHBOURS, "public"));
    world.edge.add_person(NEIGHBOURS, &format!("{name}@umbrella.test"), &[])
}

async fn neighbours_phone(name: &str) -> Device {
    let person = neighbour(name);
    let who = person.sign_in(&world().edge).await;
    let made = who.application_password("Phone", &person.password).await;
    let password = made["password"].as_str().expect("an application password");
    Device::standard(&world().edge, who.local(), password, "phone").await
}

async fn subscription(device: &mut Device, kind: &str, to: &str) {
    device.send(&format!("<presence xmlns='jabber:client' type='{kind}' to='{to}'/>")).await;
}

fn asked<'a>(kind: &'a str, from: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("presence", ns::CLIENT) && e.attr("type") == Some(kind) && e.attr("from") == Some(from)
}

/// A push of an item with this subscription and `ask`.
fn push<'a>(of: &'a str, subscription: &'a str, ask: Option<&'a str>) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        let item = e.child("query", ns::ROSTER).and_then(|query| query.child("item", ns::ROSTER));
        e.attr("type") == Some("set")
            && item.is_some_and(|item| {
                item.attr("jid") == Some(of)
                    && item.attr("subscription") == Some(subscription)
                    && item.attr("ask") == ask
            })
    }
}

fn item_of(push: &Element) -> &Element {
    push.children[0].child("item", ns::ROSTER).expect("an item")
}

async fn item(device: &mut Device, of: &str) -> Option<Element> {
    let roster = device.iq("get", None, &format!("<query xmlns='{}'/>", ns::ROSTER)).await;
    let query = roster.child("query", ns::ROSTER).unwrap_or_else(|| panic!("a roster: {roster:?}")).clone();
    query.children.into_iter().find(|item| item.attr("jid") == Some(of))
}

async fn set(device: &mut Device, item: &str) -> Element {
    device.iq("set", None, &format!("<query xmlns='{}'>{item}</query>", ns::ROSTER)).await
}

#[tokio::test]
async fn asking_being_let_in_and_leaving_are_invitations_b6() {
    let (anna, mut annas) = standard("wanda").await;
    let mut bens = neighbours_phone("wim").await;
    let ben = bare(bens.jid()).to_owned();
    let said = "<status>it is me</status><nick xmlns='http://jabber.org/protocol/nick'>Anna</nick>";
    annas.send(&format!("<presence xmlns='jabber:client' type='subscribe' to='{ben}'>{said}</presence>")).await;
    annas.expect("that the answer is waited for", push(&ben, "none", Some("subscribe"))).await;
    let question = bens.expect("the question", asked("subscribe", anna.jid())).await;
    assert_eq!(question.child("status", ns::CLIENT).map(|status| status.text.as_str()), Some("it is me"));
    assert!(question.child("nick", "http://jabber.org/protocol/nick").is_some(), "{question:?}");
    assert_eq!(item(&mut annas, &ben).await.expect("in the roster").attr("ask"), Some("subscribe"));
    let invitations = format!("/api/rainbow/enduser/v1.0/users/{}/invitations/sent?status=pending", anna.id());
    assert_eq!(world::expect::list(&anna.client.get(&invitations).await).len(), 1, "one invitation for all clients");
    subscription(&mut annas, "subscribe", &ben).await;
    annas.settle().await;
    assert_eq!(world::expect::list(&anna.client.get(&invitations).await).len(), 1, "asking twice is asking once");
    // Who comes later is asked too.
    subscription(&mut bens, "subscribed", anna.jid()).await;
    let both = annas.expect("the contact", push(&ben, "both", None)).await;
    assert_eq!(item_of(&both).attr("name"), Some("Firstnamewim Lastnamewim"));
    annas.expect("the answer", asked("subscribed", &ben)).await;
    bens.expect("the contact", push(anna.jid(), "both", None)).await;
    annas.expect("presence", |e| e.is_from("presence", &ben) && e.attr("type").is_none()).await;
    subscription(&mut annas, "subscribe", &ben).await;
    annas.expect("the answer to who is in already", asked("subscribed", &ben)).await;
    subscription(&mut bens, "unsubscribed", anna.jid()).await;
    // Whom one asked, or let in, one has noted: that stays until it is removed (RFC 6121, 3).
    annas.expect("the end", push(&ben, "none", None)).await;
    annas.expect("that he sees no more", asked("unsubscribe", &ben)).await;
    annas.expect("that he shows no more", asked("unsubscribed", &ben)).await;
    bens.expect("the end", push(anna.jid(), "none", None)).await;
    assert_eq!(item(&mut annas, &ben).await.expect("noted").attr("subscription"), Some("none"));
    set(&mut annas, &format!("<item jid='{ben}' subscription='remove'/>")).await;
    assert!(item(&mut annas, &ben).await.is_none());
}

#[tokio::test]
async fn a_question_waits_for_who_is_away_and_can_be_taken_back_or_refused_b6() {
    let (wido, mut widos) = standard("wido").await;
    let away = neighbour("wolfram");
    let who = away.sign_in(&world().edge).await;
    subscription(&mut widos, "subscribe", who.jid()).await;
    widos.expect("that the answer is waited for", push(who.jid(), "none", Some("subscribe"))).await;
    let made = who.application_password("Phone", &away.password).await;
    let password = made["password"].as_str().expect("an application password");
    let mut phone = Device::standard(&world().edge, who.local(), password, "phone").await;
    phone.expect("the question at sign-in", asked("subscribe", wido.jid())).await;
    subscription(&mut phone, "unsubscribed", wido.jid()).await;
    phone.settle().await;
    widos.never("a word of the refusal", asked("unsubscribed", who.jid())).await;
    assert_eq!(item(&mut widos, who.jid()).await.expect("it still waits").attr("ask"), Some("subscribe"));
    subscription(&mut widos, "unsubscribe", who.jid()).await;
    widos.expect("that it waits no longer", push(who.jid(), "none", None)).await;
    phone.never("presence of a stranger", |e| e.is_from("presence", wido.jid()) && e.attr("type").is_none()).await;
}

#[tokio::test]
async fn nobody_and_who_may_not_be_known_are_asked_in_vain_alike_b3() {
    let (_, mut device) = standard("werner").await;
    let hidden = world().outsider("ev-roster").sign_in(&world().edge).await;
    for to in [hidden.jid(), "d00000000000000000000bad@edge.test", "nobody-at-all@edge.test"] {
        subscription(&mut device, "subscribe", to).await;
        device.expect("that the answer is waited for", push(to, "none", Some("subscribe"))).await;
        assert_eq!(item(&mut device, to).await.expect("in the roster").attr("ask"), Some("subscribe"));
        subscription(&mut device, "unsubscribe", to).await;
        device.expect("that it waits no longer", push(to, "none", None)).await;
        for kind in ["subscribed", "unsubscribed", "probe", "unavailable"] {
            subscription(&mut device, kind, to).await;
        }
        device.send(&format!("<presence xmlns='jabber:client' to='{to}'/>")).await;
        device.never("a word to nobody", |e| e.is_from("presence", to)).await;
    }
}

#[tokio::test]
async fn other_servers_are_not_reached_and_say_so_rfc_6120_10_4() {
    let (_, mut device) = standard("wolf").await;
    let to = "someone@elsewhere.test";
    let condition = |e: Element| e.error().map(|(condition, _)| condition);
    let refused = device.iq("get", Some(to), "<ping xmlns='urn:xmpp:ping'/>").await;
    assert_eq!(condition(refused).as_deref(), Some("remote-server-not-found"));
    subscription(&mut device, "subscribe", to).await;
    let refused = device.expect("a refusal", |e| e.is_from("presence", to)).await;
    assert_eq!(condition(refused).as_deref(), Some("remote-server-not-found"));
    device.send(&format!("<message xmlns='jabber:client' id='out' to='{to}'><body>x</body></message>")).await;
    let refused = device.expect("a refusal", |e| e.is_from("message", to)).await;
    assert_eq!(condition(refused).as_deref(), Some("remote-server-not-found"));
}

#[tokio::test]
async fn rosters_of_others_are_nobodys_business_rfc_6121_2_3_3() {
    let (_, mut device) = standard("wibald").await;
    let (other, _others) = online("wiebold").await;
    for to in [other.jid(), "d00000000000000000000bad@edge.test", "nobody-at-all@edge.test"] {
        for (kind, content) in [("set", "<item jid='a@b.test'/>"), ("get", "")] {
            let query = format!("<query xmlns='{}'>{content}</query>", ns::ROSTER);
            let refused = device.iq(kind, Some(to), &query).await;
            assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("forbidden"), "{kind} {to}");
        }
    }
}

#[tokio::test]
async fn names_and_groups_are_kept_and_pushed_to_every_device_that_reads_the_roster_rfc_6121_2() {
    let wiebke = Standard::new("wiebke").await;
    let (mut phone, mut laptop) = (wiebke.device("phone").await, wiebke.device("laptop").await);
    let mut deaf = wiebke.bound("deaf").await;
    deaf.presence("").await;
    let (walter, _walters) = online("walter").await;
    let given = format!("<item jid='{}' name='Wally'><group>Friends</group><group>Work</group></item>", walter.jid());
    assert_eq!(set(&mut phone, &given).await.attr("type"), Some("result"));
    for device in [&mut phone, &mut laptop] {
        let pushed = device.expect("the push", push(walter.jid(), "both", None)).await;
        assert_eq!(item_of(&pushed).attr("name"), Some("Wally"));
        assert!(pushed.children[0].attr("ver").is_some(), "{pushed:?}");
    }
    deaf.never("a push to who did not ask for the roster", |e| e.child("query", ns::ROSTER).is_some()).await;
    let kept = item(&mut laptop, walter.jid()).await.expect("a colleague");
    let groups: Vec<&str> = kept.children.iter().map(|group| group.text.as_str()).collect();
    assert_eq!((kept.attr("name"), groups), (Some("Wally"), vec!["Friends", "Work"]));
    let rainbows = format!("/api/rainbow/enduser/v1.0/users/{}/groups?format=full&offset=0&limit=100", wiebke.who.id());
    assert_eq!(world::expect::list(&wiebke.who.client.get(&rainbows).await).len(), 2, "they are Rainbow's groups");
    set(&mut phone, &format!("<item jid='{}' name='Wally'><group>Work</group></item>", walter.jid())).await;
    assert_eq!(item(&mut laptop, walter.jid()).await.expect("a colleague").children.len(), 1);
    let colleague = set(&mut phone, &format!("<item jid='{}' subscription='remove'/>", walter.jid())).await;
    assert_eq!(colleague.error().map(|(condition, _)| condition).as_deref(), Some("forbidden"), "colleagues stay");
}

#[tokio::test]
async fn anybody_can_be_noted_and_removed_and_nothing_is_told_by_it_b3() {
    let (_, mut device) = standard("wenke").await;
    let hidden = world().outsider("ev-noted").sign_in(&world().edge).await;
    let nowhere =
        ["d00000000000000000000bad@edge.test", "juliet@edge.test", "someone@elsewhere.test", "gateway.elsewhere.test"];
    for jid in [hidden.jid()].into_iter().chain(nowhere) {
        // What it says of a subscription is not believed (RFC 6121, 2.1.2.5).
        let given =
            format!("<item jid='{jid}' name='Somebody' subscription='both'><group>B</group><group>A</group></item>");
        assert_eq!(set(&mut device, &given).await.attr("type"), Some("result"));
        let pushed = device.expect("the push", push(jid, "none", None)).await;
        let kept = item(&mut device, jid).await.expect("noted");
        for one in [item_of(&pushed), &kept] {
            let groups: Vec<&str> = one.children.iter().map(|group| group.text.as_str()).collect();
            assert_eq!((one.attr("name"), groups), (Some("Somebody"), vec!["A", "B"]), "{jid}");
        }
        set(&mut device, &format!("<item jid='{jid}'><group>B</group></item>")).await;
        let kept = item(&mut device, jid).await.expect("noted");
        assert_eq!((kept.attr("name"), kept.children.len()), (None, 1), "{jid}");
        let removed = set(&mut device, &format!("<item jid='{jid}' subscription='remove'/>")).await;
        assert_eq!(removed.attr("type"), Some("result"));
        device.expect("the push", push(jid, "remove", None)).await;
        let again = set(&mut device, &format!("<item jid='{jid}' subscription='remove'/>")).await;
        assert_eq!(again.error().map(|(condition, _)| condition).as_deref(), Some("item-not-found"));
    }
    let long = "x".repeat(300);
    for (wrong, condition) in [
        ("<item jid='a@edge.test'/><item jid='b@edge.test'/>".to_owned(), "bad-request"),
        (String::new(), "bad-request"),
        ("<item name='who?'/>".to_owned(), "bad-request"),
        ("<item jid='a b@c@d'/>".to_owned(), "bad-request"),
        (format!("<item jid='d00000000000000000000bad@edge.test' name='{long}'/>"), "not-acceptable"),
        ("<item jid='d00000000000000000000bad@edge.test'><group/></item>".to_owned(), "not-acceptable"),
        (
            "<item jid='d00000000000000000000bad@edge.test'><group>A</group><group>A</group></item>".to_owned(),
            "bad-request",
        ),
    ] {
        let refused = set(&mut device, &wrong).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some(condition), "{wrong}");
    }
}

#[tokio::test]
async fn a_roster_that_is_known_is_not_sent_again_rfc_6121_2_6() {
    let wilma = Standard::new("wilma").await;
    let mut device = Device::connect_standard(&world().edge).await;
    device.open().await;
    device.prove(wilma.who.local(), &wilma.password).await.expect("the application password");
    let features = device.open().await;
    assert!(features.child("ver", "urn:xmpp:features:rosterver").is_some(), "{features:?}");
    device.bind("phone").await;
    let get = |ver: &str| format!("<query xmlns='{}' ver='{ver}'/>", ns::ROSTER);
    // The suite adds people all the time: one version holds until the next of them comes.
    let mut known = String::new();
    let mut unchanged = false;
    for _ in 0..50 {
        let answer = device.iq("get", None, &get(&known)).await;
        assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
        match answer.child("query", ns::ROSTER) {
            Some(query) => known = query.attr("ver").expect("a version").to_owned(),
            None => {
                unchanged = true;
                break;
            }
        }
    }
    assert!(unchanged, "the whole roster came every time");
    let nobody = "d00000000000000000000bad@edge.test";
    set(&mut device, &format!("<item jid='{nobody}' name='New'/>")).await;
    let pushed = device.expect("the push", push(nobody, "none", None)).await;
    let answer = device.iq("get", None, &get(&known)).await;
    let query = answer.child("query", ns::ROSTER).expect("the whole roster after a change");
    assert!(query.children.iter().any(|item| item.attr("jid") == Some(nobody)));
    assert_ne!(query.attr("ver"), Some(known.as_str()));
    assert!(pushed.children[0].attr("ver").is_some_and(|ver| ver != known));
}
