//! Companies (tenants) and where they belong.

use serde::{Deserialize, Serialize};

/// What a company is to the others (A8, A9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanyKind {
    /// A customer.
    EndCustomer,
    /// A business partner, who administers customers.
    Partner,
    /// The company of people who belong to none (A9): its members are strangers to one another (B6).
    Default,
}

impl CompanyKind {
    /// Every kind with its name in rows and on the command line.
    pub const NAMES: [(Self, &'static str); 3] =
        [(Self::EndCustomer, "end_customer"), (Self::Partner, "partner"), (Self::Default, "default")];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("end_customer", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no kind.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Most characters of a company's name.
pub const NAME_LENGTH_MAX: usize = 255;

/// A company's name as entered, without surrounding blanks; `None` when there is nothing left, it is too long or
/// holds control characters.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME_LENGTH_MAX && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}
