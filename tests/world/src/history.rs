//! Reading the archive as the SDK does (section 8 of the protocol sheet, XEP-0313 as `urn:xmpp:mam:1`).

use crate::stanza::ns;
use crate::{Device, Element};

/// One page of an archive, oldest first.
#[derive(Debug)]
pub struct Page {
    /// The `<result/>` elements.
    pub results: Vec<Element>,
    /// The `<fin/>` of the iq result.
    pub fin: Element,
    /// The queryid that was asked with; every result and `fin` carried it verbatim.
    pub query: String,
}

impl Page {
    /// Whether there is nothing before this page.
    pub fn complete(&self) -> bool {
        match self.fin.attr("complete") {
            Some("true") => true,
            Some("false") => false,
            other => panic!("`complete` is true or false, not {other:?}"),
        }
    }

    /// A child of the RSM set: `first`, `last` or `count`.
    pub fn rsm(&self, name: &str) -> Option<&str> {
        self.fin.child("set", ns::RSM)?.child(name, ns::RSM).map(|element| element.text.as_str())
    }

    /// Bodies of the forwarded messages.
    pub fn bodies(&self) -> Vec<String> {
        self.results.iter().filter_map(|result| forwarded(result).body().map(str::to_owned)).collect()
    }

    /// Ids of the forwarded messages.
    pub fn message_ids(&self) -> Vec<String> {
        self.results.iter().map(|result| forwarded(result).attr("id").unwrap_or_default().to_owned()).collect()
    }
}

/// The message inside a `<result/>`.
pub fn forwarded(result: &Element) -> &Element {
    let forwarded = result.child("forwarded", ns::FORWARD).unwrap_or_else(|| panic!("no <forwarded/>: {result:?}"));
    let message = forwarded.children.iter().find(|child| child.name == "message");
    message.unwrap_or_else(|| panic!("no message inside <forwarded/>: {result:?}"))
}

/// The query of the sheet for a conversation with `peer`.
pub fn query(id: &str, queryid: &str, with: &str, max: u32, before: Option<&str>) -> String {
    let before = before.map_or("<before/>".to_owned(), |marker| format!("<before>{marker}</before>"));
    format!(
        "<iq xmlns='jabber:client' type='set' id='{id}'><query xmlns='{mam}' queryid='{queryid}'>\
         <x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>{mam}</value></field>\
         <field var='with'><value>{with}</value></field></x>\
         <set xmlns='{rsm}'><max>{max}</max>{before}</set></query></iq>",
        mam = ns::MAM,
        rsm = ns::RSM
    )
}

impl Device {
    /// Asks for the last `max` entries with `peer` before the marker (before nothing: the newest), in the SDK's form:
    /// the iq's id is the peer's JID, which is not unique.
    pub async fn history(&mut self, peer: &str, max: u32, before: Option<&str>) -> Page {
        let queryid = format!("id:{:010}{peer}", self.next_number());
        self.send(&query(peer, &queryid, peer, max, before)).await;
        let answer = self.answer_to(peer).await;
        assert_eq!(answer.attr("type"), Some("result"), "the archive answers: {answer:?}");
        let fin = answer.child("fin", ns::MAM).unwrap_or_else(|| panic!("fin is in the iq result: {answer:?}")).clone();
        assert_eq!(fin.attr("queryid"), Some(queryid.as_str()), "verbatim");
        let results = self.take_received(|e| e.child("result", ns::MAM).is_some());
        let results = results.into_iter().map(|message| {
            assert_eq!(message.attr("type"), None, "the outer message has no type: {message:?}");
            let result = message.child("result", ns::MAM).expect("just filtered").clone();
            assert_eq!(result.attr("queryid"), Some(queryid.as_str()), "verbatim");
            result
        });
        Page { results: results.collect(), fin, query: queryid }
    }

    /// The whole archive with `peer`, oldest first, in pages of `max`.
    pub async fn whole_history(&mut self, peer: &str, max: u32) -> Vec<Element> {
        let mut all: Vec<Element> = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self.history(peer, max, marker.as_deref()).await;
            assert!(page.results.len() <= max as usize, "a page holds at most `max`");
            let complete = page.complete();
            marker = page.rsm("first").map(str::to_owned);
            assert!(complete || marker.is_some(), "an incomplete page says where to go on: {:?}", page.fin);
            assert!(complete || !page.results.is_empty(), "an incomplete page is not empty");
            all.splice(0..0, page.results);
            if complete {
                return all;
            }
        }
    }
}
