//! XEP-0198 and XEP-0352 without IO.

use super::*;
use app::live::LiveMessage;
use domain::ids::{ArchiveId, UserId};

const ASKED: &str = r#"<r xmlns="urn:xmpp:sm:3"/>"#;

fn nonza(name: &str, attributes: &str) -> String {
    format!("<{name} xmlns='urn:xmpp:sm:3' {attributes}/>")
}

fn stanza(number: u32) -> Element {
    Element::client("message").with_attribute("id", number.to_string())
}

fn message(number: u32) -> Owed {
    let user = UserId::parse("a00000000000000000000001").expect("an id");
    let sent = LiveMessage::new(&user, "phone", &user, Arc::from(""));
    Owed::Message(Arc::new(LiveMessage { id: Some(number.to_string()), held: Some(ArchiveId(1)), ..sent }))
}

fn id(owed: &Owed) -> Option<&str> {
    match owed {
        Owed::Message(message) => message.id.as_deref(),
        Owed::Request(_) => None,
    }
}

fn ids(left: &[Owed]) -> Vec<&str> {
    left.iter().filter_map(id).collect()
}

impl Dialogue {
    fn managed() -> Self {
        let mut dialogue = Self::bound();
        dialogue.client(&nonza("enable", "resume='true' max='60'"));
        assert!(matches!(dialogue.next(), Output::Enable { life_s: Some(60) }));
        dialogue.stream.handle_enabled(Some(Ticket { id: "t".to_owned(), life_s: 60 }));
        dialogue.server(r#"<enabled xmlns="urn:xmpp:sm:3" id="t" resume="true" max="60"/>"#);
        dialogue
    }

    fn delivers(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers.clone() {
            self.stream.deliver(&stanza(number), Some(message(number)));
        }
        for number in numbers {
            self.server(&stanza(number).to_xml());
        }
    }

    fn handles(&mut self, times: u32) {
        for _ in 0..times {
            self.client("<presence xmlns='jabber:client'/>");
            self.stanza();
            self.stream.count_handled();
        }
    }

    /// Another connection that has asked to resume.
    fn resuming(h: u32) -> Self {
        let mut dialogue = Self::authenticated();
        dialogue.client(&nonza("resume", &format!("previd='t' h='{h}'")));
        assert!(matches!(dialogue.next(), Output::Resume { previd } if previd == "t"));
        dialogue
    }

    fn resumes(&mut self, management: Management) {
        let jid = FullJid::parse("a1b@edge.test/node_1").expect("a full JID");
        self.stream.handle_resumed(Ok((jid, management)));
    }
}

#[test]
fn both_sides_count_what_the_other_has_handled_c1() {
    let mut dialogue = Dialogue::managed();
    dialogue.handles(3);
    dialogue.client(&nonza("r", ""));
    assert!(matches!(dialogue.next(), Output::Acknowledge));
    dialogue.stream.handle_acknowledged();
    dialogue.server(r#"<a xmlns="urn:xmpp:sm:3" h="3"/>"#);
    dialogue.delivers(0..3);
    dialogue.stream.ask_acknowledgement(START_MS);
    dialogue.server(ASKED);
    dialogue.stream.ask_acknowledgement(START_MS);
    dialogue.silence();
    dialogue.client(&nonza("a", "h='2'"));
    dialogue.stream.ask_acknowledgement(START_MS);
    dialogue.server(ASKED);
    let left = dialogue.stream.take_management().expect("it was enabled").into_owed();
    assert_eq!(ids(&left), ["2"]);
}

#[test]
fn a_resumed_stream_gets_once_more_what_was_not_acknowledged_in_order_c1() {
    let mut lost = Dialogue::managed();
    lost.handles(7);
    lost.delivers(0..5);
    lost.client(&nonza("a", "h='1'"));
    let mut back = Dialogue::resuming(3);
    back.resumes(lost.stream.take_management().expect("it was enabled"));
    back.server(r#"<resumed xmlns="urn:xmpp:sm:3" previd="t" h="7"/>"#);
    back.server(&stanza(3).to_xml());
    back.server(&stanza(4).to_xml());
    back.handles(1);
    back.delivers(5..6);
    back.client(&nonza("a", "h='6'"));
    assert!(back.stream.take_management().expect("it goes on").into_owed().is_empty());
}

#[test]
fn counts_go_on_beyond_32_bits_c1() {
    let near = u32::MAX - 1;
    let mut dialogue = Dialogue::resuming(near);
    dialogue.resumes(Management::counted(near, near));
    dialogue.server(&format!(r#"<resumed xmlns="urn:xmpp:sm:3" previd="" h="{near}"/>"#));
    dialogue.handles(4);
    dialogue.client(&nonza("r", ""));
    assert!(matches!(dialogue.next(), Output::Acknowledge));
    dialogue.stream.handle_acknowledged();
    dialogue.server(r#"<a xmlns="urn:xmpp:sm:3" h="2"/>"#);
    dialogue.delivers(0..4);
    dialogue.client(&nonza("a", &format!("h='{}'", u32::MAX)));
    dialogue.client(&nonza("a", "h='1'"));
    let left = dialogue.stream.take_management().expect("it goes on").into_owed();
    assert_eq!(ids(&left), ["3"]);
}

#[test]
fn who_acknowledges_more_than_was_sent_is_sent_away_and_nothing_is_forgotten_e5() {
    for h in [3, u32::MAX] {
        let mut dialogue = Dialogue::managed();
        dialogue.delivers(0..2);
        dialogue.client(&nonza("a", &format!("h='{h}'")));
        dialogue.ends_with("undefined-condition");
        assert_eq!(dialogue.stream.take_management().expect("kept").into_owed().len(), 2);
    }
    let mut lost = Dialogue::managed();
    lost.delivers(0..2);
    let mut back = Dialogue::resuming(3);
    back.resumes(lost.stream.take_management().expect("it was enabled"));
    back.ends_with("undefined-condition");
    assert_eq!(back.stream.take_management().expect("kept").into_owed().len(), 2);
}

#[test]
fn a_client_that_does_not_acknowledge_is_given_up_in_time_and_not_piled_up_for_e5() {
    let mut dialogue = Dialogue::managed();
    dialogue.delivers(0..499);
    assert!(!dialogue.stream.is_backlogged());
    dialogue.delivers(499..500);
    assert!(dialogue.stream.is_backlogged());
    dialogue.stream.ask_acknowledgement(START_MS);
    dialogue.server(ASKED);
    let due_ms = dialogue.stream.poll_timeout().expect("a deadline");
    assert_eq!(due_ms, START_MS + 60_000);
    dialogue.stream.handle_timeout(due_ms);
    assert!(matches!(dialogue.next(), Output::GiveUp));

    let mut greedy = Dialogue::managed();
    greedy.delivers(0..2000);
    greedy.client("<presence xmlns='jabber:client'/>");
    greedy.ends_with("policy-violation");
}

#[test]
fn a_session_that_comes_too_late_is_taken_care_of_c1() {
    let mut lost = Dialogue::managed();
    lost.delivers(0..2);
    let mut late = Dialogue::resuming(0);
    late.stream.handle_timeout(START_MS + 30_000);
    late.ends_with("connection-timeout");
    late.resumes(lost.stream.take_management().expect("it was enabled"));
    late.silence();
    assert_eq!(late.stream.take_management().expect("kept").into_owed().len(), 2);
}

#[test]
fn a_client_says_whether_somebody_looks() {
    let mut dialogue = Dialogue::bound();
    for (name, inactive) in [("inactive", true), ("active", false)] {
        dialogue.client(&format!("<{name} xmlns='urn:xmpp:csi:0'/>"));
        assert_eq!(dialogue.stream.is_inactive(), inactive);
    }
}

#[test]
fn nothing_is_managed_before_authentication_and_asking_for_it_is_an_attempt_xep_0198_3_e5() {
    let mut dialogue = Dialogue::opened();
    let attempts = dialogue.stream.settings.authentication_attempts_max;
    for _ in 0..attempts {
        dialogue.client(&nonza("enable", ""));
        dialogue.server(
            r#"<failed xmlns="urn:xmpp:sm:3"><unexpected-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>"#,
        );
    }
    assert!(dialogue.stream.is_closed());
}
