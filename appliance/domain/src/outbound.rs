//! Where the box may call out to (E6): a list of hosts by service, and addresses that are held against it.

use std::fmt;

/// Longest address, in bytes.
const URL_LENGTH_MAX: usize = 2048;
/// The port of HTTPS, which is not written.
const HTTPS_PORT: u16 = 443;

/// Why a text is no address that the box calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnHttpsUrl {
    /// Longer than any that is used.
    #[error("at most {URL_LENGTH_MAX} characters are allowed")]
    TooLong,
    /// Another scheme, or none.
    #[error("expected an address that begins with https://")]
    NotHttps,
    /// A name or a password stands in it.
    #[error("an address with a user name or a password is not allowed")]
    Credentials,
    /// The host or the port is none.
    #[error("the host or the port in it cannot be read")]
    Host,
    /// A part behind the host that cannot stand in a request.
    #[error("its path holds characters that are not allowed")]
    Path,
}

/// The text is no entry of a list of hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host: expected HOST, *.HOST for every host below it, or one of these with :PORT")]
pub struct NotAHost;

/// An `https` address, read once and by one parser: what was checked is what is called. It may be a capability (RFC 8030,
/// 8.3), so only its origin is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpsUrl {
    host: String,
    port: u16,
    path: String,
}

impl HttpsUrl {
    /// Reads an address that came from outside (RFC 3986, a subset: no fragment, no literal IPv6 address).
    ///
    /// # Errors
    /// [`NotAnHttpsUrl`] says what is not allowed in it.
    pub fn parse(text: &str) -> Result<Self, NotAnHttpsUrl> {
        if text.len() > URL_LENGTH_MAX {
            return Err(NotAnHttpsUrl::TooLong);
        }
        let rest = text.strip_prefix("https://").ok_or(NotAnHttpsUrl::NotHttps)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(NotAnHttpsUrl::Credentials);
        }
        let (host, port) = host_and_port(authority).ok_or(NotAnHttpsUrl::Host)?;
        let path = if path.is_empty() { "/" } else { path };
        if !path.starts_with('/') || !path.bytes().all(may_stand_in_a_path) {
            return Err(NotAnHttpsUrl::Path);
        }
        Ok(Self { host, port, path: path.to_owned() })
    }

    /// The host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as they stand in a request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host, and port where it is not the usual one: the `Host` of a request.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == HTTPS_PORT { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Scheme, host and port (RFC 6454, 6.2).
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    /// The whole address.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }
}

impl fmt::Debug for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpsUrl({}/...)", self.origin())
    }
}

/// An entry of a list of hosts: one host, or all below one, on one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    name: String,
    below: bool,
    port: u16,
}

impl AllowedHost {
    /// Reads `HOST`, `*.HOST`, `HOST:PORT` or `*.HOST:PORT`.
    ///
    /// # Errors
    /// [`NotAHost`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotAHost> {
        let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let (name, port) = host_and_port(rest).ok_or(NotAHost)?;
        // All hosts below a top-level domain are everybody's.
        if below && !name.contains('.') { Err(NotAHost) } else { Ok(Self { name, below, port }) }
    }

    /// Whether an address is at this host and port.
    #[must_use]
    pub fn admits(&self, url: &HttpsUrl) -> bool {
        let host = if self.below {
            url.host.strip_suffix(&self.name).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            url.host == self.name
        };
        host && url.port == self.port
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let front = if self.below { "*." } else { "" };
        write!(f, "{front}{}", self.name)?;
        if self.port == HTTPS_PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn host_and_port(authority: &str) -> Option<(String, u16)> {
    let (host, port) = match authority.split_once(':') {
        None => (authority, HTTPS_PORT),
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse().ok()?),
        Some(_) => return None,
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (port > 0 && host.len() <= 253 && host.split('.').all(label)).then(|| (host.to_ascii_lowercase(), port))
}

/// RFC 3986, section 3.3 and 3.4, and `%`.
fn may_stand_in_a_path(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/?".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> HttpsUrl {
        HttpsUrl::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn admits(entry: &str, text: &str) -> bool {
        AllowedHost::parse(entry).expect("an entry").admits(&url(text))
    }

    #[test]
    fn an_address_is_read_into_what_a_request_needs_e6() {
        let read = url("https://Push.Example.org:8443/wpush/v2/a-b_c?x=1");
        assert_eq!((read.host(), read.port(), read.path()), ("push.example.org", 8443, "/wpush/v2/a-b_c?x=1"));
        assert_eq!(read.origin(), "https://push.example.org:8443");
        assert_eq!(read.whole(), "https://push.example.org:8443/wpush/v2/a-b_c?x=1");
        assert_eq!(url("https://push.example.org").whole(), "https://push.example.org/");
        assert_eq!(url("https://push.example.org:443/a").authority(), "push.example.org");
    }

    #[test]
    fn what_is_not_plainly_an_https_address_is_refused_e6() {
        use NotAnHttpsUrl::{Credentials, Host, NotHttps, Path, TooLong};
        let long = format!("https://push.example.org/{}", "a".repeat(URL_LENGTH_MAX));
        for (text, why) in [
            ("", NotHttps),
            ("http://push.example.org/a", NotHttps),
            ("HTTPS://push.example.org/a", NotHttps),
            ("//push.example.org/a", NotHttps),
            ("https://me:secret@push.example.org/a", Credentials),
            ("https://push.example.org@evil.test/a", Credentials),
            ("https:///a", Host),
            ("https://push..example.org/a", Host),
            ("https://-push.example.org/a", Host),
            ("https://push_example.org/a", Host),
            ("https://[::1]/a", Host),
            ("https://push.example.org:/a", Host),
            ("https://push.example.org:0/a", Host),
            ("https://push.example.org:65536/a", Host),
            ("https://push.example.org:+443/a", Host),
            ("https://bücher.example/a", Host),
            ("https://push.example.org?a", Path),
            ("https://push.example.org#a", Path),
            ("https://push.example.org\\@evil.test/a", Path),
            ("https://push.example.org/a#b", Path),
            ("https://push.example.org/a b", Path),
            ("https://push.example.org/a\r\nX: y", Path),
            (long.as_str(), TooLong),
        ] {
            assert_eq!(HttpsUrl::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn an_address_is_admitted_by_its_host_and_port_alone_e6() {
        assert!(admits("push.example.org", "https://push.example.org/a"));
        assert!(admits("push.example.org", "https://PUSH.example.org:443/a"));
        assert!(admits("push.example.org:8443", "https://push.example.org:8443/a"));
        assert!(admits("*.push.example.org", "https://a.b.push.example.org/"));
        for (entry, text) in [
            ("push.example.org", "https://push.example.org:8443/a"),
            ("push.example.org", "https://a.push.example.org/"),
            ("push.example.org", "https://push.example.org.evil.test/"),
            ("push.example.org", "https://evil.test/push.example.org"),
            ("*.push.example.org", "https://push.example.org/"),
            ("*.push.example.org", "https://evilpush.example.org/"),
        ] {
            assert!(!admits(entry, text), "{entry} {text}");
        }
    }

    #[test]
    fn entries_of_a_list_read_back_and_too_wide_ones_are_refused_e6() {
        for text in ["push.example.org", "*.push.example.org", "localhost:8443", "*.example.org:8443"] {
            assert_eq!(AllowedHost::parse(text).map(|host| host.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "*", "*.", "*.org", "a.*.org", "https://a.org", "a.org/b", "a b", "a.org:x", "*.*.org"] {
            assert_eq!(AllowedHost::parse(text), Err(NotAHost), "{text}");
        }
    }

    #[test]
    fn the_secret_part_of_an_address_is_not_printed_f2() {
        assert_eq!(format!("{:?}", url("https://push.example.org/secret")), "HttpsUrl(https://push.example.org/...)");
    }
}
