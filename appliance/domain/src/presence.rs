//! Presence (C2): what one device says, and the one level that several devices add up to.

use serde::{Deserialize, Serialize};

/// The level that a user sets; Rainbow's `settings.presence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reachable.
    Online,
    /// Not at the device.
    Away,
    /// Does not want to be disturbed.
    Dnd,
    /// In a call, or showing something in one; told by a device, never set.
    Busy,
    /// Connected, shown as offline.
    Invisible,
    /// No device is connected.
    Offline,
}

impl Level {
    /// Name in Rainbow's REST answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Busy => "busy",
            Self::Invisible => "invisible",
            Self::Offline => "offline",
        }
    }

    /// Reads a level that a user may set by REST (`xa` is the old word for away, `busy` for dnd).
    #[must_use]
    pub fn parse_setting(name: &str) -> Option<Self> {
        match name {
            "online" => Some(Self::Online),
            "away" | "xa" => Some(Self::Away),
            "dnd" | "busy" => Some(Self::Dnd),
            "invisible" => Some(Self::Invisible),
            _ => None,
        }
    }
}

/// What one device announced: `<show/>` (empty when absent) and `<status/>` (empty when absent).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced<'a> {
    /// RFC 6121 4.7.2.1, `""` when absent.
    pub show: &'a str,
    /// RFC 6121 4.7.2.2, `""` when absent.
    pub status: &'a str,
}

impl Announced<'_> {
    /// The level of this device, by Rainbow's convention.
    #[must_use]
    pub fn level(self) -> Level {
        match (self.show, self.status) {
            ("xa", "") => Level::Invisible,
            ("xa" | "away", _) => Level::Away,
            ("dnd", "audio" | "video" | "sharing") => Level::Busy,
            ("dnd", _) => Level::Dnd,
            (_, _) => Level::Online,
        }
    }
}

/// Highest first: what a person is shown as when devices differ. What was chosen by hand stands before a call, and an
/// invisible device hides the away ones, because away is chosen by a timer.
const ORDER: [Level; 5] = [Level::Dnd, Level::Busy, Level::Online, Level::Invisible, Level::Away];

/// The one level of a user with these devices (C2).
#[must_use]
pub fn aggregate<'a>(devices: impl IntoIterator<Item = Announced<'a>>) -> Level {
    let levels: Vec<Level> = devices.into_iter().map(Announced::level).collect();
    ORDER.into_iter().find(|level| levels.contains(level)).unwrap_or(Level::Offline)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(show: &'static str, status: &'static str) -> Announced<'static> {
        Announced { show, status }
    }

    #[test]
    fn a_device_is_read_by_rainbows_convention_c2() {
        for (show, status, level) in [
            ("", "", Level::Online),
            ("", "mode=auto", Level::Online),
            ("chat", "", Level::Online),
            ("away", "", Level::Away),
            ("xa", "away", Level::Away),
            ("xa", "", Level::Invisible),
            ("dnd", "", Level::Dnd),
            ("dnd", "presentation", Level::Dnd),
            ("dnd", "audio", Level::Busy),
            ("dnd", "video", Level::Busy),
            ("dnd", "sharing", Level::Busy),
        ] {
            assert_eq!(device(show, status).level(), level, "{show} {status}");
        }
    }

    #[test]
    fn several_devices_add_up_to_one_level_c2() {
        assert_eq!(aggregate([]), Level::Offline);
        assert_eq!(aggregate([device("", ""), device("xa", "away")]), Level::Online);
        assert_eq!(aggregate([device("", ""), device("dnd", "")]), Level::Dnd);
        assert_eq!(aggregate([device("", ""), device("dnd", "audio"), device("away", "")]), Level::Busy);
        assert_eq!(aggregate([device("dnd", "video"), device("dnd", "")]), Level::Dnd);
        assert_eq!(aggregate([device("xa", ""), device("xa", "away")]), Level::Invisible);
        assert_eq!(aggregate([device("away", "")]), Level::Away);
    }
}
