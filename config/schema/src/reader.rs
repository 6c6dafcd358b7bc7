//! Reads settings by type and range, and collects every mistake instead of stopping at the first.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::IpAddr;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use domain::backup::Target;
use domain::outbound::AllowedHost;
use toml::de::{DeTable, DeValue};

use crate::FILE_LIMIT_BYTES;
use crate::mistake::{Mistake, Problem, nearest};

/// Most characters of a wrong value that a mistake repeats.
const VALUE_SHOWN_CHARS: usize = 60;
/// Most addresses in one list.
const ADDRESSES_MAX: usize = 16;
/// Most hosts in one list.
const HOSTS_MAX: usize = 64;
/// Most backup targets.
const TARGETS_MAX: usize = 8;

/// One setting as its section declares it.
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) default: String,
    pub(crate) allowed: String,
    pub(crate) about: &'static str,
}

/// One section as it was declared while reading.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) settings: Vec<Setting>,
}

/// A value and where it stands in the text.
struct Entry<'t> {
    key_span: Range<usize>,
    value_span: Range<usize>,
    value: DeValue<'t>,
}

type Entries<'t> = BTreeMap<String, Entry<'t>>;

/// The whole text while it is read; sections take their part out of it.
pub(crate) struct Document<'t> {
    text: &'t str,
    file_name: &'t str,
    entries: Entries<'t>,
    declared: Vec<Declared>,
    mistakes: Vec<(usize, Mistake)>,
}

impl<'t> Document<'t> {
    pub(crate) fn empty() -> Self {
        Self { text: "", file_name: "", entries: Entries::new(), declared: Vec::new(), mistakes: Vec::new() }
    }

    pub(crate) fn parse(text: &'t str, file_name: &'t str) -> Result<Self, Vec<Mistake>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut document = Self { text, file_name, ..Self::empty() };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            document.mistake(at, String::new(), 0..0, (format!("not TOML: {}", error.message()), String::new()));
        }
        if document.mistakes.is_empty() {
            document.entries = entries_of(table.into_inner());
            Ok(document)
        } else {
            Err(document.into_mistakes())
        }
    }

    /// Reads one section with `read`; what the section does not declare is a mistake.
    pub(crate) fn section<T>(
        &mut self,
        name: &'static str,
        about: &'static str,
        read: impl FnOnce(&mut Section<'_, 't>) -> T,
    ) -> T {
        let entries = self.take_table(name);
        let mut section = Section { document: self, name, entries, spans: BTreeMap::new(), settings: Vec::new() };
        let value = read(&mut section);
        let Section { entries, settings, .. } = section;
        for (key, entry) in entries {
            self.unknown(&format!("{name}."), &key, entry.key_span, settings.iter().map(|setting| setting.key));
        }
        self.declared.push(Declared { name, about, settings });
        value
    }

    pub(crate) fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// Ends the reading: sections that nobody declared are mistakes too.
    pub(crate) fn into_mistakes(mut self) -> Vec<Mistake> {
        let names: Vec<&'static str> = self.declared.iter().map(|section| section.name).collect();
        for (name, entry) in std::mem::take(&mut self.entries) {
            self.unknown("", &name, entry.key_span, names.iter().copied());
        }
        self.mistakes.sort_by_key(|(at, _)| *at);
        self.mistakes.into_iter().map(|(_, mistake)| mistake).collect()
    }

    fn take_table(&mut self, name: &str) -> Entries<'t> {
        let Some(entry) = self.entries.remove(name) else {
            return Entries::new();
        };
        match entry.value {
            DeValue::Table(table) => entries_of(table),
            other => {
                let problem = (
                    format!("is {}, not a section", article(other.type_str())),
                    format!("write [{name}] and its keys below"),
                );
                self.mistake(entry.key_span.start, name.to_owned(), entry.value_span, problem);
                Entries::new()
            }
        }
    }

    fn unknown<'n>(
        &mut self,
        prefix: &str,
        key: &str,
        span: Range<usize>,
        known: impl Iterator<Item = &'n str> + Clone,
    ) {
        let what = if prefix.is_empty() { "section" } else { "key" };
        let allowed = match nearest(key, known.clone()) {
            Some(name) => format!("did you mean {prefix}{name}?"),
            None => format!("known are: {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.mistake(span.start, format!("{prefix}{}", shortened(key)), 0..0, (format!("unknown {what}"), allowed));
    }

    fn mistake(&mut self, at: usize, key: String, value: Range<usize>, (problem, allowed): Problem) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let value = shortened(self.text.get(value).unwrap_or_default());
        let file = self.file_name.to_owned();
        self.mistakes.push((at, Mistake { file, line: Some(line), key, value, problem, allowed }));
    }
}

/// One section while it is read.
pub(crate) struct Section<'d, 't> {
    document: &'d mut Document<'t>,
    name: &'static str,
    entries: Entries<'t>,
    /// Where keys that were read stand, for [`Section::must`].
    spans: BTreeMap<&'static str, (usize, Range<usize>)>,
    settings: Vec<Setting>,
}

impl<'t> Section<'_, 't> {
    /// A whole number within `range`.
    pub(crate) fn integer<T>(
        &mut self,
        key: &'static str,
        default: T,
        range: RangeInclusive<T>,
        about: &'static str,
    ) -> T
    where
        T: Copy + PartialOrd + Display + TryFrom<i64>,
    {
        let allowed = format!("{} to {}", range.start(), range.end());
        let value = self.setting(key, default.to_string(), &allowed, about, "a whole number", |value| {
            let written = value.as_integer().ok_or(Wrong::Type)?;
            let number = i64::from_str_radix(written.as_str(), written.radix()).map_err(|_| Wrong::Range)?;
            let number = T::try_from(number).map_err(|_| Wrong::Range)?;
            if range.contains(&number) { Ok(number) } else { Err(Wrong::Range) }
        });
        value.unwrap_or(default)
    }

    /// One word out of `words`, the default being one of their values.
    pub(crate) fn choice<T>(&mut self, key: &'static str, default: T, words: &[(&str, T)], about: &'static str) -> T
    where
        T: Copy + PartialEq,
    {
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let default_word = words.iter().find(|(_, value)| *value == default).map_or("", |(word, _)| word);
        let value = self.setting(key, format!("\"{default_word}\""), &quoted.join(", "), about, "a string", |value| {
            let written = value.as_str().ok_or(Wrong::Type)?;
            words.iter().find(|(word, _)| *word == written).map(|(_, value)| *value).ok_or(Wrong::Range)
        });
        value.unwrap_or(default)
    }

    /// A list of different IP addresses, one at least.
    pub(crate) fn addresses(&mut self, key: &'static str, default: &[IpAddr], about: &'static str) -> Vec<IpAddr> {
        let shown: Vec<String> = default.iter().map(|address| format!("\"{address}\"")).collect();
        let allowed = format!("1 to {ADDRESSES_MAX} different IPv4 or IPv6 addresses");
        let value =
            self.setting(key, format!("[{}]", shown.join(", ")), &allowed, about, "a list of strings", |value| {
                let list = value.as_array().ok_or(Wrong::Type)?;
                let mut addresses: Vec<IpAddr> = Vec::new();
                for item in list.iter() {
                    let address = item.get_ref().as_str().ok_or(Wrong::Type)?.parse().map_err(|_| Wrong::Range)?;
                    if addresses.contains(&address) || addresses.len() == ADDRESSES_MAX {
                        return Err(Wrong::Range);
                    }
                    addresses.push(address);
                }
                if addresses.is_empty() { Err(Wrong::Range) } else { Ok(addresses) }
            });
        value.unwrap_or_else(|| default.to_vec())
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str, default: bool, about: &'static str) -> bool {
        let value = self.setting(key, default.to_string(), "true, false", about, "true or false", |value| {
            value.as_bool().ok_or(Wrong::Type)
        });
        value.unwrap_or(default)
    }

    /// A text that `read` takes; absent, and by default, when it is empty.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        read: impl FnOnce(&str) -> Option<T>,
        about: &'static str,
    ) -> Option<T> {
        let value = self.setting(key, String::from("\"\""), allowed, about, "a string", |value| {
            match value.as_str().ok_or(Wrong::Type)? {
                "" => Ok(None),
                text => read(text).map(Some).ok_or(Wrong::Range),
            }
        });
        value.flatten()
    }

    /// A list of different hosts that may be called; an empty one means none.
    pub(crate) fn hosts(&mut self, key: &'static str, default: &[&str], about: &'static str) -> Vec<AllowedHost> {
        let allowed = format!("up to {HOSTS_MAX} different hosts: HOST or *.HOST, with :PORT when it is not 443");
        self.list(key, default, HOSTS_MAX, &allowed, |text| AllowedHost::parse(text).ok(), about)
    }

    /// A list of different texts, each of which `read` takes; an empty one means none.
    pub(crate) fn list<T: PartialEq>(
        &mut self,
        key: &'static str,
        default: &[&str],
        max: usize,
        allowed: &str,
        read: impl Fn(&str) -> Option<T>,
        about: &'static str,
    ) -> Vec<T> {
        let shown: Vec<String> = default.iter().map(|text| format!("\"{text}\"")).collect();
        let value =
            self.setting(key, format!("[{}]", shown.join(", ")), allowed, about, "a list of strings", |value| {
                let list = value.as_array().ok_or(Wrong::Type)?;
                let mut taken: Vec<T> = Vec::new();
                for item in list.iter() {
                    let one = read(item.get_ref().as_str().ok_or(Wrong::Type)?).ok_or(Wrong::Range)?;
                    if taken.contains(&one) || taken.len() == max {
                        return Err(Wrong::Range);
                    }
                    taken.push(one);
                }
                Ok(taken)
            });
        value.unwrap_or_else(|| default.iter().filter_map(|text| read(text)).collect())
    }

    /// A list of backup targets with different names; an empty one means none.
    pub(crate) fn targets(&mut self, key: &'static str, about: &'static str) -> Vec<Target> {
        let allowed = format!("up to {TARGETS_MAX} of NAME=ADDRESS with different names, see docs/backup.md");
        let value = self.setting(key, String::from("[]"), &allowed, about, "a list of strings", |value| {
            let list = value.as_array().ok_or(Wrong::Type)?;
            let mut targets: Vec<Target> = Vec::new();
            for item in list.iter() {
                let target = Target::parse(item.get_ref().as_str().ok_or(Wrong::Type)?).map_err(|_| Wrong::Range)?;
                if targets.iter().any(|there| there.name == target.name) || targets.len() == TARGETS_MAX {
                    return Err(Wrong::Range);
                }
                targets.push(target);
            }
            Ok(targets)
        });
        value.unwrap_or_default()
    }

    /// A rule between settings that are all within their own range; `key` is the one to blame.
    pub(crate) fn must(&mut self, holds: bool, key: &'static str, allowed: &str) {
        if holds {
            return;
        }
        let (at, value) =
            self.spans.get(key).cloned().unwrap_or_else(|| self.spans.values().next().cloned().unwrap_or((0, 0..0)));
        let key = format!("{}.{key}", self.name);
        self.document.mistake(
            at,
            key,
            value,
            ("does not fit the other settings".to_owned(), format!("allowed: {allowed}")),
        );
    }

    fn setting<T>(
        &mut self,
        key: &'static str,
        default: String,
        allowed: &str,
        about: &'static str,
        type_name: &str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, Wrong>,
    ) -> Option<T> {
        let hint = format!("allowed: {allowed} (default {default})");
        self.settings.push(Setting { key, default, allowed: allowed.to_owned(), about });
        let entry = self.entries.remove(key)?;
        let problem = match read(&entry.value) {
            Ok(value) => {
                self.spans.insert(key, (entry.key_span.start, entry.value_span));
                return Some(value);
            }
            Err(Wrong::Type) => format!("is {}, not {type_name}", article(entry.value.type_str())),
            Err(Wrong::Range) => "is not allowed".to_owned(),
        };
        let name = format!("{}.{key}", self.name);
        self.document.mistake(entry.key_span.start, name, entry.value_span, (problem, hint));
        None
    }
}

enum Wrong {
    Type,
    Range,
}

fn article(type_name: &str) -> String {
    let vowel = type_name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {type_name}", if vowel { "an" } else { "a" })
}

fn entries_of(table: DeTable<'_>) -> Entries<'_> {
    let mut entries = Entries::new();
    for (key, value) in table {
        let (key_span, value_span) = (key.span(), value.span());
        entries.insert(key.into_inner().into_owned(), Entry { key_span, value_span, value: value.into_inner() });
    }
    entries
}

/// One line of at most [`VALUE_SHOWN_CHARS`], without control characters: it goes to a terminal.
fn shortened(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().take(VALUE_SHOWN_CHARS).map(clean).collect();
    if text.chars().count() > VALUE_SHOWN_CHARS {
        shown.push('…');
    }
    shown
}

/// The text of `path`, `None` when there is no such file.
pub(crate) fn text_of(path: &Path) -> Result<Option<String>, Problem> {
    let unreadable = |error: std::io::Error| {
        (format!("cannot be read: {error}"), "make it readable for this user, or remove it".to_owned())
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_LIMIT_BYTES {
        return Err(("is larger than 1 MiB".to_owned(), "a configuration is a few kilobytes".to_owned()));
    }
    let not_text = |_| ("is not UTF-8 text".to_owned(), "save it as UTF-8".to_owned());
    String::from_utf8(bytes).map(Some).map_err(not_text)
}
