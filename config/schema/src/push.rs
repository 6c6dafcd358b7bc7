//! Section `[push]`.

use std::path::PathBuf;

use domain::outbound::AllowedHost;

use crate::reader::Section;

/// The public services of the browsers: Chrome and its like, Chromium, Firefox, Safari, Edge.
const HOSTS: [&str; 5] = [
    "fcm.googleapis.com",
    "jmt17.google.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
];

/// Pushes to browsers of people who are away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Browsers may subscribe, and are pushed to.
    pub enabled: bool,
    /// Services that may be called (E6).
    pub hosts: Vec<AllowedHost>,
    /// Further CAs to trust, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Services at addresses inside of a network may be called.
    pub allow_private: bool,
    /// How the services reach whoever runs the box; its own address when absent.
    pub contact: Option<String>,
}

impl Push {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            enabled: section.flag("enabled", true, "Browsers of people who are away are told of new messages."),
            hosts: section.hosts("hosts", &HOSTS, "Push services that the box may call, and no others; by HTTPS."),
            ca_file: section.optional(
                "ca_file",
                "a file name, or \"\" for none",
                |text| Some(PathBuf::from(text)),
                "PEM file of CAs to trust beside this system's, as for a proxy of your own; from the data folder if not absolute.",
            ),
            allow_private: section.flag(
                "allow_private",
                false,
                "Services may be at addresses inside of a network; otherwise these are not called, whatever a name says.",
            ),
            contact: section.optional(
                "contact",
                "an address mailto:... or https://..., or \"\" for the box's own",
                |text| is_contact(text).then(|| text.to_owned()),
                "How the push services may reach whoever runs the box; they are told it with each push.",
            ),
        }
    }
}

/// RFC 8292, 2.1.
fn is_contact(text: &str) -> bool {
    let rest = text.strip_prefix("mailto:").filter(|rest| rest.contains('@')).or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty()) && text.len() <= 254 && text.bytes().all(|b| b.is_ascii_graphic())
}
