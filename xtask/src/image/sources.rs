//! Where this machine gets Debian from, read out of its own apt configuration: no address of a mirror stands in the repository.

use std::path::Path;

use crate::Failure;

/// The suite that the image is made of.
pub(super) const SUITE: &str = "trixie";

/// The two archives of Debian, as this machine reaches them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mirrors {
    main: String,
    security: String,
}

impl Mirrors {
    /// Reads the machine's own sources.
    ///
    /// # Errors
    /// `NeedsPerson` when they name no archive of Debian.
    pub(super) fn of_this_machine() -> Result<Self, Failure> {
        let mut text = std::fs::read_to_string("/etc/apt/sources.list").unwrap_or_default();
        let parts = std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
        let mut paths: Vec<_> = parts.map(|entry| entry.path()).filter(|path| is_source(path)).collect();
        paths.sort();
        for path in paths {
            text.push('\n');
            text.push_str(&std::fs::read_to_string(path).unwrap_or_default());
        }
        Self::read(&text).ok_or_else(|| {
            Failure::NeedsPerson(
                "the image is built from Debian packages, and apt on this machine names no archive of Debian.\n\
                 Add one to /etc/apt/sources.list.d, for example as debian.sources, then try again."
                    .to_owned(),
            )
        })
    }

    /// `None` where `text` names no archive with Debian's main part. Without one of security updates, the same place is tried.
    fn read(text: &str) -> Option<Self> {
        let entries = entries(text);
        let find =
            |wanted: fn(&Entry) -> bool| entries.iter().find(|entry| wanted(entry)).map(|entry| entry.uri.clone());
        let main = find(|entry| is_debian(entry) && !entry.is_security())?;
        let beside = || match main.strip_suffix("/debian") {
            Some(place) => format!("{place}/debian-security"),
            None => format!("{main}-security"),
        };
        let security = find(|entry| is_debian(entry) && entry.is_security()).unwrap_or_else(beside);
        Some(Self { main, security })
    }

    /// As arguments of mmdebstrap.
    pub(super) fn lines(&self) -> [String; 3] {
        let Self { main, security } = self;
        [
            format!("deb {main} {SUITE} main"),
            format!("deb {main} {SUITE}-updates main"),
            format!("deb {security} {SUITE}-security main"),
        ]
    }

    /// Newer packages for the suite, as an argument of mmdebstrap.
    pub(super) fn backports(&self) -> String {
        format!("deb {} {SUITE}-backports main", self.main)
    }

    /// As the file `mkosi.sources` that mkosi's own apt reads in place of its default. `parts` are Debian's components.
    pub(super) fn deb822(&self, parts: &str) -> String {
        let entry = |uri: &str, suites: &str| {
            format!(
                "Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: {parts}\n\
                 Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
            )
        };
        let main = entry(&self.main, &format!("{SUITE} {SUITE}-updates"));
        format!("{main}\n{}", entry(&self.security, &format!("{SUITE}-security")))
    }
}

/// One archive and one of its suites.
struct Entry {
    uri: String,
    suite: String,
    parts: Vec<String>,
}

impl Entry {
    fn is_security(&self) -> bool {
        self.suite.ends_with("-security") || self.suite.ends_with("/updates")
    }
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "list" || ending == "sources")
}

/// Debian's own archive has `debian` in its path or its host, and a part called `main`; those of other vendors with a `main`
/// rarely have the first, and hardly a suite of Debian's names.
fn is_debian(entry: &Entry) -> bool {
    const SUITES: &[&str] = &["bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable", "oldstable"];
    let suite = entry.suite.split(['-', '/']).next().unwrap_or_default();
    entry.uri.contains("debian") && entry.parts.iter().any(|part| part == "main") && SUITES.contains(&suite)
}

/// Both forms: one line an archive, and paragraphs of fields (deb822).
fn entries(text: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = text.lines().filter_map(one_line).collect();
    found.extend(text.split("\n\n").flat_map(paragraph));
    found
}

fn one_line(line: &str) -> Option<Entry> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    let mut words = rest.split('#').next()?.split_whitespace().map(str::to_owned);
    Some(Entry { uri: without_slash(&words.next()?), suite: words.next()?, parts: words.collect() })
}

fn paragraph(text: &str) -> Vec<Entry> {
    let off = field(text, "Enabled").iter().any(|word| word == "no");
    if off || !field(text, "Types").iter().any(|kind| kind == "deb") {
        return Vec::new();
    }
    let parts = field(text, "Components");
    let suites = field(text, "Suites");
    let uris = field(text, "URIs");
    let of_uri = |uri: &String| {
        let entry = |suite: &String| Entry { uri: without_slash(uri), suite: suite.clone(), parts: parts.clone() };
        suites.iter().map(entry).collect::<Vec<_>>()
    };
    uris.iter().flat_map(of_uri).collect()
}

/// The words of a field. Lines that begin with a space go on with the field above them; those with `#` are not there.
fn field(paragraph: &str, name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut inside = false;
    for line in paragraph.lines().filter(|line| !line.starts_with('#')) {
        let value = match line.split_once(':') {
            Some((key, value)) if !line.starts_with([' ', '\t']) => {
                inside = key.eq_ignore_ascii_case(name);
                value
            }
            _ => line,
        };
        if inside {
            words.extend(value.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn without_slash(uri: &str) -> String {
    uri.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::Mirrors;

    fn read(text: &str) -> Option<(String, String)> {
        Mirrors::read(text).map(|mirrors| (mirrors.main, mirrors.security))
    }

    fn pair(main: &str, security: &str) -> Option<(String, String)> {
        Some((main.to_owned(), security.to_owned()))
    }

    #[test]
    fn one_line_sources_are_read_with_options_and_comments() {
        let text = "# deb http://old.example/debian bookworm main\n\
                    deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian/ bookworm main contrib # near\n\
                    deb http://b.example/debian-security bookworm-security main\n\
                    deb-src http://c.example/debian bookworm main\n";
        assert_eq!(read(text), pair("http://a.example/debian", "http://b.example/debian-security"));
    }

    #[test]
    fn paragraphs_are_read_with_comments_between_fields_and_lines_that_go_on() {
        let text = "Types: deb\n# a snapshot of then\nURIs: http://a.example/debian\nSuites: bookworm\n bookworm-updates\nComponents: main\n\n\
                    Types: deb\nURIs: http://a.example/security/debian\nSuites: bookworm-security\nComponents: main\n";
        assert_eq!(read(text), pair("http://a.example/debian", "http://a.example/security/debian"));
    }

    #[test]
    fn archives_of_others_and_those_switched_off_are_passed_over() {
        let text = "Types: deb\nURIs: https://node.example/node_20.x\nSuites: nodistro\nComponents: main\n\n\
                    Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\n";
        assert_eq!(read(text), None);
    }

    #[test]
    fn without_an_archive_of_security_updates_the_same_place_is_tried() {
        assert_eq!(
            read("deb http://a.example/debian trixie main\n"),
            pair("http://a.example/debian", "http://a.example/debian-security")
        );
    }

    #[test]
    fn mirrors_are_written_for_mmdebstrap_and_for_mkosi() {
        let mirrors = Mirrors { main: "http://m".to_owned(), security: "http://s".to_owned() };
        assert_eq!(mirrors.lines()[1], "deb http://m trixie-updates main");
        let text = mirrors.deb822("main non-free-firmware");
        assert!(text.contains("URIs: http://s\nSuites: trixie-security\nComponents: main non-free-firmware\n"));
    }
}
