//! XEP-0313 as standard clients ask for it, `urn:xmpp:mam:2` (C1).

use crate::{another, online, saying, standard};
use world::device::STORE;
use world::history::forwarded;
use world::stanza::{bare, ns};
use world::{Device, Element};

const MAM: &str = "urn:xmpp:mam:2";
const SID: &str = "urn:xmpp:sid:0";

/// One answer of the archive.
pub(crate) struct Page {
    pub(crate) answer: Element,
    pub(crate) results: Vec<Element>,
}

impl Page {
    pub(crate) fn bodies(&self) -> Vec<&str> {
        self.results.iter().filter_map(|result| forwarded(result).body()).collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.results.iter().filter_map(|result| result.attr("id")).collect()
    }

    fn fin(&self) -> &Element {
        self.answer.child("fin", MAM).unwrap_or_else(|| panic!("fin is in the iq result: {:?}", self.answer))
    }

    fn complete(&self) -> bool {
        self.fin().attr("complete") == Some("true")
    }

    fn rsm(&self, name: &str) -> Option<&str> {
        self.fin().child("set", ns::RSM)?.child(name, ns::RSM).map(|element| element.text.as_str())
    }

    fn condition(&self) -> String {
        self.answer.error().unwrap_or_else(|| panic!("an error: {:?}", self.answer)).0
    }
}

/// Asks with these fields of the form, this paging and whatever else stands in the query.
pub(crate) async fn ask(device: &mut Device, fields: &[(&str, &str)], paging: &str, more: &str) -> Page {
    let fields: String =
        fields.iter().map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).collect();
    let query = format!(
        "<query xmlns='{MAM}' queryid='q7'><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>{MAM}</value></field>{fields}</x>\
         <set xmlns='{}'>{paging}</set>{more}</query>",
        ns::RSM
    );
    let answer = device.iq("set", None, &query).await;
    let results = device.take_received(|e| e.child("result", MAM).is_some());
    let results = results.into_iter().map(|message| {
        let result = message.child("result", MAM).expect("just filtered").clone();
        assert_eq!(result.attr("queryid"), Some("q7"), "verbatim");
        result
    });
    Page { answer, results: results.collect() }
}

/// A standard client that wrote so many lines to somebody.
async fn talk(one: &str, other: &str, count: usize) -> (Device, String) {
    let (_, mut phone) = standard(one).await;
    let (peer, mut device) = online(other).await;
    for number in 0..count {
        let body = format!("line {number}");
        phone.message(peer.jid(), &format!("{one}-{number}"), &body, "").await;
        device.expect("the line", saying(&body)).await;
    }
    (phone, peer.jid().to_owned())
}

#[tokio::test]
async fn pages_go_both_ways_and_the_last_is_complete_c1() {
    let (mut phone, peer) = talk("sabina", "sabrina", 12).await;
    let with = [("with", peer.as_str())];
    let first = ask(&mut phone, &with, "<max>5</max>", "").await;
    assert_eq!(first.bodies(), ["line 0", "line 1", "line 2", "line 3", "line 4"]);
    assert!(!first.complete());
    assert_eq!((first.rsm("count"), first.rsm("first")), (Some("12"), Some(first.ids()[0])));
    let after = format!("<max>5</max><after>{}</after>", first.rsm("last").expect("where to go on"));
    let second = ask(&mut phone, &with, &after, "").await;
    assert_eq!(second.bodies(), ["line 5", "line 6", "line 7", "line 8", "line 9"]);
    let after = format!("<max>5</max><after>{}</after>", second.rsm("last").expect("where to go on"));
    let third = ask(&mut phone, &with, &after, "").await;
    assert_eq!(third.bodies(), ["line 10", "line 11"]);
    assert!(third.complete());
    let newest = ask(&mut phone, &with, "<max>2</max><before/>", "").await;
    assert_eq!((newest.bodies(), newest.complete()), (vec!["line 10", "line 11"], false));
    let before = format!("<max>20</max><before>{}</before>", newest.rsm("first").expect("where to go on"));
    let older = ask(&mut phone, &with, &before, "").await;
    assert_eq!((older.results.len(), older.complete()), (10, true));
    let none = ask(&mut phone, &with, "<max>0</max>", "").await;
    assert_eq!((none.results.len(), none.rsm("count")), (0, Some("12")));
    let huge = ask(&mut phone, &with, "<max>100000</max>", "").await;
    assert_eq!(huge.results.len(), 12);
}

#[tokio::test]
async fn the_whole_archive_is_read_without_naming_anybody_c1() {
    let (sigrid, mut phone) = standard("sigrid").await;
    let (silke, mut silkes) = online("silke").await;
    let (simon, mut simons) = online("simon").await;
    for number in 0..4 {
        let body = format!("to silke {number}");
        phone.message(silke.jid(), &format!("si-{number}"), &body, "").await;
        silkes.expect("the line", saying(&body)).await;
        let body = format!("from simon {number}");
        simons.message(sigrid.jid(), &format!("sm-{number}"), &body, STORE).await;
        phone.expect("the line", saying(&body)).await;
    }
    let all: Vec<String> = (0..4).flat_map(|n| [format!("to silke {n}"), format!("from simon {n}")]).collect();
    let page = ask(&mut phone, &[], "<max>50</max>", "").await;
    assert_eq!((page.bodies(), page.complete()), (all.iter().map(String::as_str).collect(), true));
    let newest = ask(&mut phone, &[], "<max>3</max><before/>", "").await;
    assert_eq!((newest.bodies(), newest.complete()), (all[5..].iter().map(String::as_str).collect(), false));
    let after = format!("<max>2</max><after>{}</after>", page.ids()[1]);
    let middle = ask(&mut phone, &[], &after, "").await;
    assert_eq!((middle.bodies(), middle.complete()), (all[2..4].iter().map(String::as_str).collect(), false));
    // The archive may be asked for at either door.
    let theirs = ask(&mut another(&simon, "web_simon").await, &[], "<max>50</max>", "").await;
    assert!(theirs.bodies().iter().all(|body| body.starts_with("from simon")), "{:?}", theirs.bodies());
}

#[tokio::test]
async fn a_page_can_be_flipped_and_its_ends_stay_xep_0313() {
    let (mut phone, peer) = talk("sascha", "sarah", 4).await;
    let with = [("with", peer.as_str())];
    let plain = ask(&mut phone, &with, "<max>3</max>", "").await;
    let flipped = ask(&mut phone, &with, "<max>3</max>", "<flip-page/>").await;
    assert_eq!(flipped.bodies(), ["line 2", "line 1", "line 0"]);
    assert_eq!((flipped.rsm("first"), flipped.rsm("last")), (plain.rsm("first"), plain.rsm("last")));
}

#[tokio::test]
async fn places_are_asked_for_by_id_and_unknown_ones_are_not_found_xep_0313() {
    let (mut phone, peer) = talk("selma", "severin", 5).await;
    let all = ask(&mut phone, &[("with", &peer)], "<max>50</max>", "").await;
    let ids: Vec<String> = all.ids().into_iter().map(str::to_owned).collect();
    let between = [("with", peer.as_str()), ("after-id", &ids[0]), ("before-id", &ids[4])];
    assert_eq!(ask(&mut phone, &between, "", "").await.bodies(), ["line 1", "line 2", "line 3"]);
    assert_eq!(ask(&mut phone, &[("ids", &ids[3])], "", "").await.bodies(), ["line 3"]);
    // A place of somebody else's archive is no place of one's own.
    let (stranger, strangers_peer) = talk("stefan", "stine", 1).await;
    let mut stranger = stranger;
    let foreign = ask(&mut stranger, &[("with", &strangers_peer)], "", "").await.ids()[0].to_owned();
    for unknown in ["a1", "nonsense", foreign.as_str()] {
        for (fields, paging) in [
            (vec![("ids", unknown)], String::new()),
            (vec![("after-id", unknown)], String::new()),
            (vec![], format!("<after>{unknown}</after>")),
            (vec![], format!("<before>{unknown}</before>")),
        ] {
            let page = ask(&mut phone, &fields, &paging, "").await;
            assert_eq!(page.condition(), "item-not-found", "{unknown} {fields:?} {paging}");
            assert!(page.results.is_empty());
        }
    }
}

#[tokio::test]
async fn start_and_end_bound_the_archive_by_time_c1() {
    let (mut phone, peer) = talk("swen", "svea", 3).await;
    let all = ask(&mut phone, &[("with", &peer)], "", "").await;
    let stamps: Vec<String> = all
        .results
        .iter()
        .map(|result| {
            result.find("delay", ns::DELAY).and_then(|delay| delay.attr("stamp")).expect("a stamp").to_owned()
        })
        .collect();
    let from_second = ask(&mut phone, &[("with", &peer), ("start", &stamps[1])], "", "").await;
    assert_eq!(from_second.bodies().last(), Some(&"line 2"));
    assert!(from_second.bodies().len() <= 3 && from_second.bodies().contains(&"line 1"));
    let before_time = ask(&mut phone, &[("end", "1999-01-01T00:00:00Z")], "", "").await;
    assert!(before_time.results.is_empty() && before_time.complete());
    let wrong = ask(&mut phone, &[("start", "yesterday")], "", "").await;
    assert_eq!(wrong.condition(), "bad-request");
    let nobody = ask(&mut phone, &[("with", "d00000000000000000000bad@edge.test")], "", "").await;
    assert!(nobody.results.is_empty() && nobody.complete());
}

#[tokio::test]
async fn results_carry_the_original_and_live_messages_their_place_xep_0359() {
    let (sonja, mut phone) = standard("sonja").await;
    let (_, mut peer) = online("sophie").await;
    peer.chat(
        sonja.jid(),
        "with-origin",
        "<body>where am I</body><origin-id xmlns='urn:xmpp:sid:0' id='o-1'/><stanza-id xmlns='urn:xmpp:sid:0' by='edge.test' id='fake'/>",
    )
    .await;
    let live = phone.expect("the message", saying("where am I")).await;
    let places: Vec<&Element> = live.children.iter().filter(|child| child.is("stanza-id", SID)).collect();
    assert_eq!(places.len(), 1, "one written by somebody else is taken out: {live:?}");
    assert_eq!(places[0].attr("by"), Some(sonja.jid()));
    assert!(live.child("origin-id", SID).is_some(), "{live:?}");
    assert!(live.child("archived", ns::ARCHIVED).is_none(), "Rainbow's stamp is for Rainbow's clients");
    let page = ask(&mut phone, &[("with", bare(peer.jid()))], "", "").await;
    assert_eq!(page.ids(), [places[0].attr("id").expect("a place")]);
    let message = forwarded(&page.results[0]);
    assert_eq!((message.attr("from"), message.attr("id")), (Some(peer.jid()), Some("with-origin")));
    assert_eq!((message.attr("type"), message.attr("to").map(bare)), (Some("chat"), Some(sonja.jid())));
}

#[tokio::test]
async fn the_form_the_ends_and_the_preferences_are_told_and_only_the_truth_can_be_set_xep_0313() {
    let (mut phone, peer) = talk("stella", "steffen", 2).await;
    let form = phone.iq("get", None, &format!("<query xmlns='{MAM}'/>")).await;
    let fields = form.find("x", "jabber:x:data").expect("a form").children.iter().filter_map(|field| field.attr("var"));
    for field in ["with", "start", "end", "before-id", "after-id", "ids"] {
        assert!(fields.clone().any(|var| var == field), "{field}: {form:?}");
    }
    let all = ask(&mut phone, &[("with", &peer)], "", "").await;
    let metadata = phone.iq("get", None, &format!("<metadata xmlns='{MAM}'/>")).await;
    let end = |name: &str| metadata.find(name, MAM).and_then(|end| end.attr("id")).map(str::to_owned);
    assert_eq!((end("start").as_deref(), end("end").as_deref()), (Some(all.ids()[0]), Some(all.ids()[1])));
    let prefs = phone.iq("get", None, &format!("<prefs xmlns='{MAM}'/>")).await;
    assert_eq!(prefs.child("prefs", MAM).and_then(|prefs| prefs.attr("default")), Some("always"), "{prefs:?}");
    let set = |default: &str, never: &str| {
        format!("<prefs xmlns='{MAM}' default='{default}'><always/><never>{never}</never></prefs>")
    };
    assert_eq!(phone.iq("set", None, &set("always", "")).await.attr("type"), Some("result"));
    for (default, never) in [("never", ""), ("roster", ""), ("always", "<jid>a@edge.test</jid>")] {
        let refused = phone.iq("set", None, &set(default, never)).await;
        assert_eq!(refused.error().map(|(condition, _)| condition).as_deref(), Some("not-allowed"), "{refused:?}");
    }
}

#[tokio::test]
async fn nobody_reads_the_archive_of_another_b1() {
    let (mut phone, peer) = talk("sven-olaf", "svenja", 1).await;
    let query = format!("<query xmlns='{MAM}'/>");
    let refused = phone.iq("set", Some(&peer), &query).await;
    assert_eq!(refused.attr("type"), Some("error"), "{refused:?}");
}
