//! Credentials of the scheme Basic (RFC 7617).

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

/// Longest header value that is looked at, in bytes.
const HEADER_LENGTH_MAX: usize = 2048;

/// What stands before and after the first colon.
pub(super) struct Basic {
    /// User name; for an application its id.
    pub(super) name: String,
    /// Password, which may hold colons; for an application its proof.
    pub(super) secret: Zeroizing<String>,
}

/// Reads `Basic base64(name:secret)`; `None` for anything else.
pub(super) fn parse(header: &HeaderValue) -> Option<Basic> {
    let text = header.to_str().ok().filter(|text| text.len() <= HEADER_LENGTH_MAX)?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(BASE64.decode(encoded.trim()).ok()?);
    let (name, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some(Basic { name: name.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let basic = parse(&HeaderValue::from_str(text).expect("a header"))?;
        Some((basic.name, basic.secret.to_string()))
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text))
    }

    #[test]
    fn a_password_may_hold_colons_and_letters_of_any_kind_a1() {
        for (name, secret) in
            [("a@b.example", "p:a:ss:"), ("a@b.example", ""), ("", "proof"), ("ä@b.example", "Päß\u{1F600}")]
        {
            assert_eq!(read(&encoded(&format!("{name}:{secret}"))), Some((name.to_owned(), secret.to_owned())));
        }
        assert_eq!(read("basic YTpi"), Some((String::from("a"), String::from("b"))));
    }

    #[test]
    fn what_is_not_basic_is_nobody_a2() {
        let long = encoded(&format!("a:{}", "x".repeat(HEADER_LENGTH_MAX)));
        for text in [
            "",
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic bm9jb2xvbg==",
            "Basic /////w==",
            "Digest a=b",
            "Bearer x",
            &long,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
