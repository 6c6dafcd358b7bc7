//! The user name of short-lived credentials: who, and until when.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest word for a person.
pub const PERSON_BYTES_MAX: usize = 64;

/// A word that means one person, or guest, to the node: letters, digits, `-`, `_`, `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Person(String);

/// It is no user name of such credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UsernameError {
    #[error(
        "the word for a person is empty, longer than {PERSON_BYTES_MAX} bytes, or has other signs than letters, digits, - _ ."
    )]
    Person,
    #[error("it does not begin with a time in digits and a colon")]
    Expiry,
}

impl Person {
    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Person {
    type Error = UsernameError;

    fn try_from(word: String) -> Result<Self, UsernameError> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_word = (1..=PERSON_BYTES_MAX).contains(&word.len()) && word.bytes().all(is_sign);
        if is_word { Ok(Self(word)) } else { Err(UsernameError::Person) }
    }
}

impl From<Person> for String {
    fn from(person: Person) -> Self {
        person.0
    }
}

/// `EXPIRY:PERSON`, as the TURN REST convention has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username {
    /// Seconds of Unix time from which on no allocation can be made with it.
    pub expiry_s: u64,
    /// Who.
    pub person: Person,
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.expiry_s, self.person.0)
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    /// Reads exactly what [`fmt::Display`] writes: no sign, no leading zero.
    fn from_str(text: &str) -> Result<Self, UsernameError> {
        let (expiry, person) = text.split_once(':').ok_or(UsernameError::Expiry)?;
        let is_number = expiry.bytes().all(|byte| byte.is_ascii_digit()) && !expiry.starts_with('0');
        let expiry_s = expiry.parse().ok().filter(|_| is_number).ok_or(UsernameError::Expiry)?;
        Ok(Self { expiry_s, person: Person::try_from(person.to_owned())? })
    }
}
