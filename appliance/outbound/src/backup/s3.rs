//! An S3-compatible service: objects of a bucket, addressed by path, requests signed with signature version 4.

use super::Means;
use super::web::{Web, range_header, text, texts_of};
use app::backup::{Object, Target, TargetError};
use aws_lc_rs::{digest, hmac};
use domain::backup::Server;
use domain::{hex, percent};
use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RANGE};
use std::ops::Range;
use zeroize::Zeroizing;

/// Pages of a list that are asked for, of 1,000 objects each.
const PAGES_MAX: usize = 1000;

pub(super) struct S3 {
    web: Web,
    access_key: String,
    secret: Zeroizing<String>,
    bucket: String,
    prefix: String,
    region: String,
    clock: fn() -> i64,
}

/// What a request is signed over, beside its body and the service.
struct Signed<'a> {
    method: &'a Method,
    path: &'a str,
    query: &'a str,
    host: &'a str,
}

impl S3 {
    pub(super) fn new(
        server: &Server,
        (bucket, prefix, region): (&str, &str, &str),
        means: &Means,
    ) -> Result<Self, String> {
        let secret = means.secret.clone().ok_or("the secret key is missing")?;
        Ok(Self {
            web: Web::new(server, means)?,
            access_key: server.account.clone(),
            secret,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            region: region.to_owned(),
            clock: means.clock,
        })
    }

    fn path(&self, name: &str) -> String {
        format!("/{}/{}{name}", self.bucket, self.prefix)
    }

    fn ask(
        &self,
        method: &Method,
        (path, query): (&str, &str),
        body: &[u8],
        range: Option<&Range<u64>>,
    ) -> Result<crate::https::Answer, TargetError> {
        let host = self.web.authority();
        let signed = Signed { method, path, query, host: &host };
        let mut headers = self.sign(&signed, body, (self.clock)())?;
        if let Some(range) = range {
            headers.insert(RANGE, range_header(range));
        }
        let whole = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.web.ask(method.clone(), &whole, headers, body.to_vec())
    }

    /// `AWS4-HMAC-SHA256`, over host, hash of the body and time.
    fn sign(&self, of: &Signed<'_>, body: &[u8], now_ms: i64) -> Result<HeaderMap, TargetError> {
        let time = domain::clock::iso8601(now_ms);
        // 20261130T175409Z
        let time: String = time.split('.').next().unwrap_or_default().replace(['-', ':'], "") + "Z";
        let day = time.get(..8).unwrap_or_default().to_owned();
        let body_hash = hex::write(digest::digest(&digest::SHA256, body).as_ref());
        let headers = format!("host:{}\nx-amz-content-sha256:{body_hash}\nx-amz-date:{time}\n", of.host);
        const NAMES: &str = "host;x-amz-content-sha256;x-amz-date";
        let request = format!("{}\n{}\n{}\n{headers}\n{NAMES}\n{body_hash}", of.method, of.path, of.query);
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let request_hash = hex::write(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{request_hash}");
        let first = Zeroizing::new(format!("AWS4{}", self.secret.as_str()));
        let mut key = mac(first.as_bytes(), &day);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = mac(key.as_ref(), part);
        }
        let signature = hex::write(mac(key.as_ref(), &to_sign).as_ref());
        let access = &self.access_key;
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={NAMES}, Signature={signature}");
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| TargetError::Refused(String::from("a header cannot be made")))
        };
        let mut authorization = value(&authorization)?;
        authorization.set_sensitive(true);
        Ok(HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (HeaderName::from_static("x-amz-content-sha256"), value(&body_hash)?),
            (HeaderName::from_static("x-amz-date"), value(&time)?),
        ]))
    }
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// As a query wants it, and the signature of it.
fn encoded(text: &str) -> String {
    percent::encoded(text, b"-._~")
}

impl Target for S3 {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let answer = self.ask(&Method::PUT, (&self.path(name), ""), bytes, None)?;
        if answer.status.is_success() { Ok(()) } else { Err(self.web.refused("an upload", &answer)) }
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        self.web.download(part, |part| self.ask(&Method::GET, (&self.path(name), ""), b"", part))
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        let prefix = format!("{}{folder}/", self.prefix);
        let (mut objects, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            // In the order of their names, as they are signed.
            let go_on = token.as_ref().map(|token| format!("continuation-token={}&", encoded(token)));
            let query = format!("{}delimiter=%2F&list-type=2&prefix={}", go_on.unwrap_or_default(), encoded(&prefix));
            let answer = self.ask(&Method::GET, (&format!("/{}", self.bucket), &query), b"", None)?;
            if !answer.status.is_success() {
                return Err(self.web.refused("a list", &answer));
            }
            for found in texts_of(&answer.body, "Contents")? {
                let name = text(&found, "Key").and_then(|key| key.strip_prefix(&prefix));
                let bytes = text(&found, "Size").and_then(|size| size.parse().ok());
                objects.extend(name.zip(bytes).map(|(name, bytes)| Object { name: name.to_owned(), bytes }));
            }
            let about = texts_of(&answer.body, "ListBucketResult")?;
            let about = about.first().map(Vec::as_slice).unwrap_or_default();
            token = text(about, "NextContinuationToken").filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(objects);
            }
        }
        Err(TargetError::Refused(String::from("the list of objects has no end")))
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        let answer = self.ask(&Method::DELETE, (&self.path(name), ""), b"", None)?;
        self.web.removed(&answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's documentation of the signature ("GET Bucket Lifecycle"), whose headers are ours.
    #[test]
    fn a_signature_is_the_one_of_amazons_example_d7() {
        let server = Server {
            account: String::from("AKIAIOSFODNN7EXAMPLE"),
            host: String::from("examplebucket.s3.amazonaws.com"),
            port: 443,
        };
        let secret = Some(Zeroizing::new(String::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")));
        let means = Means { secret, ca_file: None, clock: || 0 };
        let s3 = S3::new(&server, ("", "", "us-east-1"), &means).expect("a target");
        let host = "examplebucket.s3.amazonaws.com";
        let signed = Signed { method: &Method::GET, path: "/", query: "lifecycle=", host };
        let now_ms = domain::clock::parse_iso8601("2013-05-24T00:00:00Z").expect("a time");
        let headers = s3.sign(&signed, b"", now_ms).expect("signed");
        let told = headers[AUTHORIZATION].to_str().expect("text");
        let wanted = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
        assert!(told.ends_with(&format!("Signature={wanted}")), "{told}");
    }
}
