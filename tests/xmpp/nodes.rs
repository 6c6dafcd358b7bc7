//! XEP-0163: what people publish for their own devices and for contacts: pictures, keys, bookmarks (B3, B6).

use crate::{Standard, another, standard, world};
use world::stanza::ns;
use world::{Device, Element};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const EVENT: &str = "http://jabber.org/protocol/pubsub#event";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
const MOOD: &str = "http://jabber.org/protocol/mood";

fn options(fields: &[(&str, &str)]) -> String {
    let fields: String =
        fields.iter().map(|(var, value)| format!("<field var='pubsub#{var}'><value>{value}</value></field>")).collect();
    format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>")
}

async fn publish(device: &mut Device, node: &str, id: &str, payload: &str, set: &[(&str, &str)]) -> Element {
    let options =
        if set.is_empty() { String::new() } else { format!("<publish-options>{}</publish-options>", options(set)) };
    let publish = format!(
        "<pubsub xmlns='{PUBSUB}'><publish node='{node}'><item id='{id}'>{payload}</item></publish>{options}</pubsub>"
    );
    device.iq("set", None, &publish).await
}

async fn items(device: &mut Device, of: Option<&str>, node: &str) -> Element {
    device.iq("get", of, &format!("<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>")).await
}

fn ids(answer: &Element) -> Vec<String> {
    let items = answer.find("items", PUBSUB).unwrap_or_else(|| panic!("items: {answer:?}"));
    items.children.iter().filter_map(|item| item.attr("id").map(str::to_owned)).collect()
}

fn condition(answer: &Element) -> Option<String> {
    answer.error().map(|(condition, _)| condition)
}

/// Says what this device can, as clients do (XEP-0115): a hash, and the answer to the question that follows.
async fn wants(device: &mut Device, ver: &str, nodes: &[&str]) {
    let domain = "edge.test";
    let caps = format!("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='{ver}'/>");
    device.presence(&caps).await;
    let question = |e: &Element| {
        e.is("iq", ns::CLIENT) && e.attr("type") == Some("get") && e.find("query", ns::DISCO_INFO).is_some()
    };
    let asked = device.expect("the question what it can", question).await;
    assert_eq!(asked.attr("from"), Some(domain));
    let node = asked.find("query", ns::DISCO_INFO).and_then(|query| query.attr("node")).expect("a node").to_owned();
    assert_eq!(node, format!("urn:test#{ver}"));
    let features: String = nodes.iter().map(|node| format!("<feature var='{node}+notify'/>")).collect();
    device
        .send(&format!(
            "<iq xmlns='jabber:client' type='result' to='{domain}' id='{}'><query xmlns='{}' node='{node}'>\
             <identity category='client' type='pc'/>{features}</query></iq>",
            asked.attr("id").expect("an id"),
            ns::DISCO_INFO
        ))
        .await;
}

fn news<'a>(of: &'a str, node: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        let items = e.child("event", EVENT).and_then(|event| event.child("items", EVENT));
        e.attr("from") == Some(of) && items.is_some_and(|items| items.attr("node") == Some(node))
    }
}

#[tokio::test]
async fn who_wants_it_hears_of_what_contacts_publish_and_gets_the_last_at_sign_in_xep_0163() {
    let (bella, mut bellas) = standard("pep-bella").await;
    let carlo = Standard::new("pep-carlo").await;
    let (mut wanting, mut deaf) = (carlo.device("wanting").await, carlo.device("deaf").await);
    let mut rainbow = another(&carlo.who, "web_carlo").await;
    wants(&mut wanting, "none-1", &[MOOD]).await;
    wanting.settle().await;
    let happy = format!("<mood xmlns='{MOOD}'><happy/></mood>");
    let published = publish(&mut bellas, MOOD, "current", &happy, &[]).await;
    assert_eq!(published.find("item", PUBSUB).and_then(|item| item.attr("id")), Some("current"), "{published:?}");
    let told = wanting.expect("the news", news(bella.jid(), MOOD)).await;
    assert_eq!(told.attr("type"), Some("headline"));
    assert!(told.find("happy", MOOD).is_some(), "{told:?}");
    for device in [&mut deaf, &mut rainbow] {
        device.never("news that it did not ask for", |e| e.find("event", EVENT).is_some()).await;
    }
    let mut late = carlo.device("late").await;
    wants(&mut late, "none-2", &[MOOD, "urn:test:nobody"]).await;
    late.expect("what was published last", news(bella.jid(), MOOD)).await;
    let retract = format!("<pubsub xmlns='{PUBSUB}'><retract node='{MOOD}'><item id='current'/></retract></pubsub>");
    assert_eq!(bellas.iq("set", None, &retract).await.attr("type"), Some("result"));
    let gone = late.expect("that it is taken back", news(bella.jid(), MOOD)).await;
    assert!(gone.find("retract", EVENT).is_some(), "{gone:?}");
    assert_eq!(condition(&bellas.iq("set", None, &retract).await).as_deref(), Some("item-not-found"));
}

#[tokio::test]
async fn a_hash_that_is_the_answers_is_asked_for_once_and_a_wrong_one_teaches_nobody_else_xep_0115() {
    let one = Standard::new("pep-hash").await;
    let (mut first, mut second) = (one.device("first").await, one.device("second").await);
    // SHA-1 of "client/pc//<urn:test:hashed+notify<".
    let ver = "OuIFi4BT0+bvooz8OYcTWBzYh1Y=";
    let node = "urn:test:hashed";
    wants(&mut first, ver, &[node]).await;
    first.settle().await;
    let caps = format!("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='{ver}'/>");
    second.presence(&caps).await;
    second.never("the same question again", |e| e.find("query", ns::DISCO_INFO).is_some()).await;
    publish(&mut first, node, "1", "<a xmlns='urn:test:hashed'/>", &[]).await;
    for device in [&mut first, &mut second] {
        device.expect("the news", news(one.who.jid(), node)).await;
    }
    wants(&mut first, "wrong", &["urn:test:wrong"]).await;
    first.settle().await;
    wants(&mut second, "wrong", &["urn:test:right"]).await;
}

#[tokio::test]
async fn nodes_are_read_by_whom_their_owner_lets_b3_b6() {
    let world = world();
    let (dora, mut doras) = standard("pep-dora").await;
    let (_, mut colleague) = standard("pep-emil").await;
    let outsider = world.outsider("ev-pep");
    let eve = outsider.sign_in(&world.edge).await;
    let mut outsiders = Device::online(&world.edge, &eve, "node_ev_pep").await;
    let secret = "<storage xmlns='urn:test:secret'/>";
    let keys = "<list xmlns='eu.siacs.conversations.axolotl'><device id='7'/></list>";
    for (node, payload, access) in [
        ("urn:test:secret", secret, "whitelist"),
        ("eu.siacs.conversations.axolotl.devicelist", keys, "open"),
        (MOOD, "<mood xmlns='http://jabber.org/protocol/mood'/>", "presence"),
    ] {
        let done = publish(&mut doras, node, "current", payload, &[("access_model", access), ("max_items", "1")]).await;
        assert_eq!(done.attr("type"), Some("result"), "{done:?}");
    }
    let dora = Some(dora.jid());
    assert_eq!(ids(&items(&mut doras, None, "urn:test:secret").await), ["current"]);
    for node in ["eu.siacs.conversations.axolotl.devicelist", MOOD] {
        assert_eq!(ids(&items(&mut colleague, dora, node).await), ["current"], "{node}");
    }
    assert_eq!(condition(&items(&mut colleague, dora, "urn:test:secret").await).as_deref(), Some("item-not-found"));
    assert_eq!(condition(&items(&mut colleague, dora, "urn:test:none").await).as_deref(), Some("item-not-found"));
    let nobody = Some("d00000000000000000000bad@edge.test");
    for node in ["eu.siacs.conversations.axolotl.devicelist", MOOD, "urn:xmpp:vcard4"] {
        let (met, unmet) = (items(&mut outsiders, dora, node).await, items(&mut outsiders, nobody, node).await);
        assert_eq!(condition(&met), Some("service-unavailable".to_owned()), "{node}");
        assert_eq!(met.error(), unmet.error());
    }
    let listed = colleague.iq("get", dora, "<query xmlns='http://jabber.org/protocol/disco#items'/>").await;
    let nodes: Vec<_> = listed.children[0].children.iter().filter_map(|item| item.attr("node")).collect();
    assert_eq!(nodes, ["eu.siacs.conversations.axolotl.devicelist", MOOD]);
}

#[tokio::test]
async fn options_make_the_node_or_must_be_met_and_many_items_are_kept_xep_0060() {
    let (_, mut device) = standard("pep-fritz").await;
    let node = "urn:xmpp:bookmarks:1";
    let room = "<conference xmlns='urn:xmpp:bookmarks:1' name='Room'/>";
    let private = [("access_model", "whitelist"), ("max_items", "max"), ("persist_items", "true")];
    for number in 0..3 {
        let done = publish(&mut device, node, &format!("room{number}@muc.test"), room, &private).await;
        assert_eq!(done.attr("type"), Some("result"), "{done:?}");
    }
    assert_eq!(ids(&items(&mut device, None, node).await), ["room2@muc.test", "room1@muc.test", "room0@muc.test"]);
    let unmet = publish(&mut device, node, "x", room, &[("access_model", "open")]).await;
    assert_eq!(condition(&unmet).as_deref(), Some("conflict"));
    assert!(unmet.find("precondition-not-met", "http://jabber.org/protocol/pubsub#errors").is_some(), "{unmet:?}");
    let configure = |set: &[(&str, &str)]| {
        format!("<pubsub xmlns='{OWNER}'><configure node='{node}'>{}</configure></pubsub>", options(set))
    };
    let done = device.iq("set", None, &configure(&[("access_model", "open"), ("max_items", "2")])).await;
    assert_eq!(done.attr("type"), Some("result"), "{done:?}");
    let form = device.iq("get", None, &format!("<pubsub xmlns='{OWNER}'><configure node='{node}'/></pubsub>")).await;
    assert!(format!("{form:?}").contains("open"), "{form:?}");
    publish(&mut device, node, "newest", room, &[("access_model", "open")]).await;
    assert_eq!(ids(&items(&mut device, None, node).await), ["newest", "room2@muc.test"]);
    let refused = device.iq("set", None, &configure(&[("access_model", "authorize")])).await;
    assert_eq!(condition(&refused).as_deref(), Some("not-acceptable"));
    let delete = format!("<pubsub xmlns='{OWNER}'><delete node='{node}'/></pubsub>");
    assert_eq!(device.iq("set", None, &delete).await.attr("type"), Some("result"));
    assert_eq!(condition(&items(&mut device, None, node).await).as_deref(), Some("item-not-found"));
}

#[tokio::test]
async fn what_is_published_is_bounded_and_only_in_ones_own_name_e5() {
    let (_, mut device) = standard("pep-gerda").await;
    let (other, _others) = standard("pep-hugo").await;
    let huge = format!("<a xmlns='urn:test:a'>{}</a>", "x".repeat(140_000));
    assert_eq!(condition(&publish(&mut device, "urn:test:a", "1", &huge, &[]).await).as_deref(), Some("bad-request"));
    let name = "n".repeat(600);
    assert_eq!(
        condition(&publish(&mut device, &name, "1", "<a xmlns='b'/>", &[]).await).as_deref(),
        Some("bad-request")
    );
    for payload in ["<a xmlns='urn:a'/><b xmlns='urn:b'/>", "<a xmlns=''/>"] {
        assert_eq!(condition(&publish(&mut device, "n", "1", payload, &[]).await).as_deref(), Some("bad-request"));
    }
    let publish =
        format!("<pubsub xmlns='{PUBSUB}'><publish node='n'><item id='1'><a xmlns='urn:a'/></item></publish></pubsub>");
    let refused = device.iq("set", Some(other.jid()), &publish).await;
    assert_eq!(refused.attr("type"), Some("error"), "{refused:?}");
    for number in 0..128 {
        let made = format!("<pubsub xmlns='{PUBSUB}'><create node='urn:test:many:{number}'/></pubsub>");
        assert_eq!(device.iq("set", None, &made).await.attr("type"), Some("result"), "{number}");
    }
    let one_more = format!("<pubsub xmlns='{PUBSUB}'><create node='urn:test:many:128'/></pubsub>");
    assert_eq!(condition(&device.iq("set", None, &one_more).await).as_deref(), Some("bad-request"));
    let again = format!("<pubsub xmlns='{PUBSUB}'><create node='urn:test:many:1'/></pubsub>");
    assert_eq!(condition(&device.iq("set", None, &again).await).as_deref(), Some("conflict"));
}

#[tokio::test]
async fn profiles_are_those_of_the_directory_and_pictures_those_that_were_published_xep_0054_xep_0292() {
    let (ida, mut idas) = standard("pep-ida").await;
    let (_, mut colleague) = standard("pep-jan").await;
    let vcard = "<vCard xmlns='vcard-temp'/>";
    let bytes = "aGVsbG8=";
    publish(
        &mut idas,
        "urn:xmpp:avatar:data",
        "h1",
        &format!("<data xmlns='urn:xmpp:avatar:data'>{bytes}</data>"),
        &[],
    )
    .await;
    let metadata = "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='h1' type='image/png' bytes='5'/></metadata>";
    publish(&mut idas, "urn:xmpp:avatar:metadata", "h1", metadata, &[]).await;
    for to in [Some(ida.jid()), None] {
        let device = if to.is_some() { &mut colleague } else { &mut idas };
        let card = device.iq("get", to, vcard).await;
        let text = |name: &str| card.find(name, "vcard-temp").map(|e| e.text.clone());
        assert_eq!(text("FN").as_deref(), Some("Firstnamepep-ida Lastnamepep-ida"), "{card:?}");
        assert_eq!(text("USERID").as_deref(), Some("pep-ida@acme.test"));
        assert_eq!((text("TYPE").as_deref(), text("BINVAL").as_deref()), (Some("image/png"), Some(bytes)));
    }
    let node = items(&mut colleague, Some(ida.jid()), "urn:xmpp:vcard4").await;
    let given = node.find("given", "urn:ietf:params:xml:ns:vcard-4.0").map(|given| given.text.clone());
    assert_eq!(given.as_deref(), Some("Firstnamepep-ida"), "{node:?}");
    let changed = idas.iq("set", None, "<vCard xmlns='vcard-temp'><FN>Queen</FN></vCard>").await;
    assert_eq!(condition(&changed).as_deref(), Some("not-allowed"));
    let hidden = world().outsider("ev-vcard").sign_in(&world().edge).await;
    let nobody = "d00000000000000000000bad@edge.test";
    let (met, unmet) =
        (colleague.iq("get", Some(hidden.jid()), vcard).await, colleague.iq("get", Some(nobody), vcard).await);
    assert_eq!((met.error(), met.attr("type")), (unmet.error(), Some("error")));
}
