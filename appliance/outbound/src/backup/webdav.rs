//! A folder of a WebDAV server (RFC 4918), over TLS, with a password (RFC 7617).

use super::web::{Web, range_header, text, texts_of};
use super::{Means, PARTIAL};
use app::backup::{Object, Target, TargetError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::backup::Server;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RANGE};
use hyper::{Method, StatusCode};
use std::ops::Range;
use zeroize::Zeroizing;

pub(super) struct WebDav {
    web: Web,
    server: Server,
    authorization: HeaderValue,
    root: String,
}

impl WebDav {
    pub(super) fn new(server: &Server, path: &str, means: &Means) -> Result<Self, String> {
        let password = means.secret.as_ref().ok_or("the password is missing")?;
        let pair = Zeroizing::new(format!("{}:{}", server.account, password.as_str()));
        let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut authorization = HeaderValue::from_str(&text).map_err(|_| "the password cannot be sent")?;
        authorization.set_sensitive(true);
        Ok(Self { web: Web::new(server, means)?, server: server.clone(), authorization, root: path.to_owned() })
    }

    fn ask(
        &self,
        method: &[u8],
        name: &str,
        more: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<crate::https::Answer, TargetError> {
        let wrong = || TargetError::Refused(String::from("a request cannot be made"));
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())]);
        for (name, value) in more {
            let value = HeaderValue::from_str(value).map_err(|_| wrong())?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let method = Method::from_bytes(method).map_err(|_| wrong())?;
        self.web.ask(method, &format!("{}{name}", self.root), headers, body.to_vec())
    }

    /// Makes the folders of an object, from the outermost.
    fn make_folders(&self, name: &str) -> Result<(), TargetError> {
        for (at, _) in name.match_indices('/') {
            let answer = self.ask(b"MKCOL", &name[..=at], &[], b"")?;
            // It is there already (RFC 4918, 9.3.1).
            if !answer.status.is_success() && answer.status != StatusCode::METHOD_NOT_ALLOWED {
                return Err(self.web.refused("a new folder", &answer));
            }
        }
        Ok(())
    }
}

impl Target for WebDav {
    /// Servers may keep half of what was broken off: so under another name first.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let partial = format!("{name}{PARTIAL}");
        let mut answer = self.ask(b"PUT", &partial, &[], bytes)?;
        if matches!(answer.status, StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
            self.make_folders(name)?;
            answer = self.ask(b"PUT", &partial, &[], bytes)?;
        }
        if !answer.status.is_success() {
            return Err(self.web.refused("an upload", &answer));
        }
        let to = format!("https://{}:{}{}{name}", self.server.host, self.server.port, self.root);
        let answer = self.ask(b"MOVE", &partial, &[("destination", &to), ("overwrite", "T")], b"")?;
        if answer.status.is_success() { Ok(()) } else { Err(self.web.refused("a new name", &answer)) }
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        self.web.download(part, |part| {
            let mut headers = HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())]);
            headers.extend(part.map(|part| (RANGE, range_header(part))));
            self.web.ask(Method::GET, &format!("{}{name}", self.root), headers, Vec::new())
        })
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        const WANTED: &[u8] = br#"<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getcontentlength/><resourcetype/></prop></propfind>"#;
        let more = [("depth", "1"), ("content-type", "application/xml")];
        let answer = self.ask(b"PROPFIND", &format!("{folder}/"), &more, WANTED)?;
        match answer.status {
            StatusCode::NOT_FOUND => return Ok(Vec::new()),
            StatusCode::MULTI_STATUS => {}
            _ => return Err(self.web.refused("a list", &answer)),
        }
        let object = |found: &Vec<(String, String)>| {
            let name = text(found, "href")?.rsplit('/').next()?.to_owned();
            let bytes = text(found, "getcontentlength")?.parse().ok()?;
            let whole = !name.is_empty() && !name.ends_with(PARTIAL) && text(found, "collection").is_none();
            whole.then_some(Object { name, bytes })
        };
        Ok(texts_of(&answer.body, "response")?.iter().filter_map(object).collect())
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.web.removed(&self.ask(b"DELETE", name, &[], b"")?)
    }
}
