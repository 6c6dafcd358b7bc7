//! What S3 and WebDAV have in common: calls over HTTPS from a thread that waits for them, and answers in XML.

use crate::https::{Answer, Asked};
use crate::{Https, Trust};
use app::backup::{OBJECT_BYTES_MAX, TargetError};
use domain::backup::Server;
use domain::outbound::HttpsUrl;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::ops::Range;

/// A server that is asked over HTTPS.
pub(super) struct Web {
    https: Https,
    server: Server,
}

impl Web {
    /// A target is named by whoever runs the box, so it may be inside of the network.
    pub(super) fn new(server: &Server, means: &super::Means) -> Result<Self, String> {
        let trust = Trust { ca_file: means.ca_file.clone(), allow_private: true };
        let https = Https::new(&trust).map_err(|e| e.to_string())?;
        Ok(Self { https, server: server.clone() })
    }

    /// `HOST[:PORT]`, as it stands in a request.
    pub(super) fn authority(&self) -> String {
        self.url("/").map(|url| url.authority()).unwrap_or_default()
    }

    fn url(&self, path: &str) -> Result<HttpsUrl, TargetError> {
        let text = format!("https://{}:{}{path}", self.server.host, self.server.port);
        HttpsUrl::parse(&text).map_err(|e| TargetError::Refused(format!("{path}: {e}")))
    }

    /// Asks, and waits for the whole answer.
    pub(super) fn ask(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, TargetError> {
        let asked = Asked { method, to: self.url(path)?, headers, body: Bytes::from(body) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| TargetError::Passing(format!("no runtime: {e}")))?;
        let limit = usize::try_from(OBJECT_BYTES_MAX).unwrap_or(usize::MAX);
        let answer = runtime.block_on(self.https.ask(asked, limit));
        answer.map_err(|failure| {
            let told = format!("{}: {failure}", self.server.host);
            if failure.may_pass() { TargetError::Passing(told) } else { TargetError::Refused(told) }
        })
    }

    /// What came of a download, of a whole object or of a part of it.
    pub(super) fn download(
        &self,
        part: Option<Range<u64>>,
        ask: impl FnOnce(Option<&Range<u64>>) -> Result<Answer, TargetError>,
    ) -> Result<Option<Vec<u8>>, TargetError> {
        // No range says "nothing" (RFC 9110, 14.1.2).
        if part.as_ref().is_some_and(Range::is_empty) {
            return Ok(Some(Vec::new()));
        }
        let answer = ask(part.as_ref())?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::RANGE_NOT_SATISFIABLE => Ok(Some(Vec::new())),
            status if status.is_success() => Ok(Some(part_of(answer, part))),
            _ => Err(self.refused("a download", &answer)),
        }
    }

    /// What came of a removal: what is not there is removed.
    pub(super) fn removed(&self, answer: &Answer) -> Result<(), TargetError> {
        match answer.status {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(self.refused("a removal", answer)),
        }
    }

    /// What a status means that is not the expected one.
    pub(super) fn refused(&self, what: &str, answer: &Answer) -> TargetError {
        let told = format!("{} answered {} to {what}", self.server.host, answer.status);
        match answer.status {
            StatusCode::INSUFFICIENT_STORAGE | StatusCode::PAYLOAD_TOO_LARGE => TargetError::Full(told),
            status if status.is_server_error() => TargetError::Passing(told),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS | StatusCode::LOCKED => {
                TargetError::Passing(told)
            }
            _ => TargetError::Refused(told),
        }
    }
}

/// The `Range` of a request (RFC 9110, 14.2).
pub(super) fn range_header(part: &Range<u64>) -> HeaderValue {
    let last = part.end.saturating_sub(1);
    HeaderValue::from_str(&format!("bytes={}-{last}", part.start)).expect("digits are a header's value")
}

/// The bytes of an answer to a request with or without a range; some servers send all of it all the same.
fn part_of(answer: Answer, part: Option<Range<u64>>) -> Vec<u8> {
    let body = answer.body;
    match part {
        Some(part) if answer.status == StatusCode::OK => {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(body.len());
            body[place(part.start)..place(part.end)].to_vec()
        }
        _ => body.to_vec(),
    }
}

/// Texts of an XML answer: of each element `each` the texts of its descendants, by name without prefix. An element that is
/// there without a text has an empty one.
pub(super) fn texts_of(xml: &[u8], each: &str) -> Result<Vec<Vec<(String, String)>>, TargetError> {
    let wrong = |e: &dyn std::fmt::Display| TargetError::Refused(format!("an answer is no XML: {e}"));
    let mut reader = Reader::from_reader(xml);
    let (mut found, mut open): (Vec<Vec<(String, String)>>, Vec<String>) = (Vec::new(), Vec::new());
    let mut inside: Option<usize> = None;
    loop {
        match reader.read_event().map_err(|e| wrong(&e))? {
            Event::Eof => return Ok(found),
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                if inside.is_none() && name == each {
                    inside = Some(open.len());
                    found.push(Vec::new());
                } else if inside.is_some() {
                    found.last_mut().expect("one is open").push((name.clone(), String::new()));
                }
                open.push(name);
            }
            Event::Empty(empty) if inside.is_some() => {
                let name = empty.local_name().as_ref().to_owned();
                found.last_mut().expect("one is open").push((name, String::new()));
            }
            Event::End(_) => {
                open.pop();
                if inside == Some(open.len()) {
                    inside = None;
                }
            }
            Event::Text(text) => {
                let text: &str = text.as_ref();
                let last = found.last_mut().and_then(|texts| texts.last_mut());
                if let (Some(_), Some((name, value))) = (inside, last)
                    && open.last() == Some(name)
                {
                    value.push_str(text.trim());
                }
            }
            _ => {}
        }
    }
}

/// The first text of that name.
pub(super) fn text<'a>(texts: &'a [(String, String)], name: &str) -> Option<&'a str> {
    texts.iter().find(|(of, _)| of == name).map(|(_, text)| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_an_answer_are_found_by_name_whatever_its_prefixes_d7() {
        let xml = br#"<?xml version="1.0"?><a:multistatus xmlns:a="DAV:"><a:response><a:href>/x/one</a:href>
            <a:prop><a:getcontentlength>12</a:getcontentlength><a:resourcetype/></a:prop></a:response>
            <a:response><a:href>/x/</a:href><a:resourcetype><a:collection/></a:resourcetype></a:response></a:multistatus>"#;
        let found = texts_of(xml, "response").expect("XML");
        assert_eq!(found.len(), 2);
        assert_eq!(text(&found[0], "href"), Some("/x/one"));
        assert_eq!(text(&found[0], "getcontentlength"), Some("12"));
        assert_eq!(text(&found[0], "collection"), None);
        assert_eq!(text(&found[1], "collection"), Some(""));
        assert!(texts_of(b"<a><b></a>", "a").is_err());
    }
}
