//! Package URLs: how the lists and databases of this trade name a package.

/// `pkg:KIND/NAMESPACE/NAME@VERSION?QUALIFIERS`, taken apart and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purl {
    pub(crate) kind: String,
    /// Empty where the kind has none.
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Sorted by name, as the standard asks for.
    pub(crate) qualifiers: Vec<(String, String)>,
}

impl Purl {
    pub(crate) fn new(kind: &str, namespace: &str, name: &str, version: &str) -> Self {
        let [kind, namespace, name, version] = [kind, namespace, name, version].map(str::to_owned);
        Self { kind, namespace, name, version, qualifiers: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.qualifiers.push((name.to_owned(), value.to_owned()));
        self.qualifiers.sort();
        self
    }

    pub(crate) fn qualifier(&self, name: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `None` when it is no package URL with a version.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("pkg:")?.trim_start_matches('/');
        let text = text.split('#').next()?;
        let (path, qualifiers) = text.split_once('?').unwrap_or((text, ""));
        let (path, version) = path.rsplit_once('@')?;
        let (kind, path) = path.split_once('/')?;
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut purl = Self::new(&kind.to_lowercase(), &decoded(namespace)?, &decoded(name)?, &decoded(version)?);
        for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            purl = purl.with(name, &decoded(value)?);
        }
        (!purl.name.is_empty() && !purl.version.is_empty()).then_some(purl)
    }
}

impl std::fmt::Display for Purl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "pkg:{}/", self.kind)?;
        if !self.namespace.is_empty() {
            write!(formatter, "{}/", encoded(&self.namespace))?;
        }
        write!(formatter, "{}@{}", encoded(&self.name), encoded(&self.version))?;
        for (index, (name, value)) in self.qualifiers.iter().enumerate() {
            write!(formatter, "{}{name}={}", if index == 0 { '?' } else { '&' }, encoded(value))?;
        }
        Ok(())
    }
}

/// Everything but letters, digits, `.-_~` and `:` stands as `%` and two digits.
fn encoded(text: &str) -> String {
    let mut all = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
    }
    all
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::Purl;

    #[test]
    fn a_package_url_is_written_as_the_standard_says_and_read_back_i6() {
        let purl = Purl::new("deb", "debian", "libstdc++6", "1:14.2.0-19+b1~x").with("distro", "trixie");
        let purl = purl.with("arch", "amd64");
        let text = purl.to_string();
        assert_eq!(text, "pkg:deb/debian/libstdc%2B%2B6@1:14.2.0-19%2Bb1~x?arch=amd64&distro=trixie");
        assert_eq!(Purl::parse(&text), Some(purl));
        let scoped = Purl::parse("pkg:npm/%40xmpp/xml@0.14.0").expect("a scope and a name");
        assert_eq!((scoped.namespace.as_str(), scoped.name.as_str()), ("@xmpp", "xml"));
        // Others write the colon of an epoch encoded.
        assert_eq!(Purl::parse("pkg:deb/debian/login@1%3A4.16.0-2").expect("an epoch").version, "1:4.16.0-2");
    }

    #[test]
    fn what_is_no_package_url_is_not_taken_for_one_i6() {
        for text in ["", "pkg:cargo/serde", "cargo/serde@1", "pkg:cargo/@1", "pkg:cargo/serde@%zz", "pkg:cargo/a@1?b"] {
            assert_eq!(Purl::parse(text), None, "{text}");
        }
    }
}
