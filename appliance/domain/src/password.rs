//! Which passwords may be set (A1).

/// Characters of an account's password.
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=64;
/// Least characters of a service account's password.
pub const SERVICE_LENGTH_MIN: usize = 20;

/// Whose password it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A person.
    Person,
    /// A service account.
    Service,
}

/// What a password lacks; the text tells a person what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Fewer characters than allowed.
    #[error("the password is too short: at least {0} characters")]
    TooShort(usize),
    /// More characters than allowed.
    #[error("the password is too long: at most {0} characters")]
    TooLong(usize),
    /// No lower-case letter.
    #[error("the password needs a lower-case letter")]
    NoLowerCase,
    /// No upper-case letter.
    #[error("the password needs an upper-case letter")]
    NoUpperCase,
    /// No digit.
    #[error("the password needs a digit")]
    NoDigit,
    /// No special character.
    #[error("the password needs a special character such as ! ? % - _")]
    NoSpecial,
    /// A control character, which no keyboard types twice alike.
    #[error("the password holds a control character")]
    ControlCharacter,
}

/// Accepts or refuses a password (A1).
///
/// # Errors
/// The first rule that it breaks.
pub fn check(password: &str, holder: Holder) -> Result<(), PasswordRefused> {
    let length = password.chars().count();
    let least = if holder == Holder::Service { SERVICE_LENGTH_MIN } else { *LENGTH.start() };
    let rules = [
        (length < least, PasswordRefused::TooShort(least)),
        (length > *LENGTH.end(), PasswordRefused::TooLong(*LENGTH.end())),
        (password.chars().any(char::is_control), PasswordRefused::ControlCharacter),
        (!password.chars().any(char::is_lowercase), PasswordRefused::NoLowerCase),
        (!password.chars().any(char::is_uppercase), PasswordRefused::NoUpperCase),
        (!password.chars().any(|c| c.is_ascii_digit()), PasswordRefused::NoDigit),
        (!password.chars().any(|c| !c.is_alphanumeric()), PasswordRefused::NoSpecial),
    ];
    rules.iter().find(|(broken, _)| *broken).map_or(Ok(()), |(_, refusal)| Err(*refusal))
}

#[cfg(test)]
mod tests {
    use super::{Holder::*, PasswordRefused::*, *};

    #[test]
    fn a_password_has_every_kind_of_character_and_8_to_64_of_them_a1() {
        let cases = [
            ("Abcdef1!", Person, Ok(())),
            ("Abcde1!", Person, Err(TooShort(8))),
            ("ABCDEF1!", Person, Err(NoLowerCase)),
            ("abcdef1!", Person, Err(NoUpperCase)),
            ("Abcdefg!", Person, Err(NoDigit)),
            ("Abcdefg1", Person, Err(NoSpecial)),
            ("Abcdef1!\n", Person, Err(ControlCharacter)),
            ("Abcdefghijklmnop1!a", Service, Err(TooShort(20))),
            ("Abcdefghijklmnop1!ab", Service, Ok(())),
        ];
        for (password, holder, expected) in cases {
            assert_eq!(check(password, holder), expected, "{password}");
        }
        let longest = format!("Ab1!{}", "x".repeat(60));
        assert_eq!(check(&longest, Person), Ok(()));
        assert_eq!(check(&format!("{longest}x"), Person), Err(TooLong(64)));
    }
}
