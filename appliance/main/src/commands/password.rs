use crate::error::CommandError;
use domain::password::{self, Holder};
use std::io::{IsTerminal, Read};
use zeroize::Zeroizing;

/// More than any password may have, in bytes.
const INPUT_LIMIT_BYTES: u64 = 4096;

/// Reads a password that is to be set from standard input (all of it, without the line end) and checks it (A1).
pub(super) fn read_new() -> Result<Zeroizing<String>, CommandError> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let what = "give the password on standard input, for example: rainbow-edge ... < password-file";
        return Err(CommandError::Usage(what.to_owned()));
    }
    let mut text = Zeroizing::new(String::new());
    input
        .lock()
        .take(INPUT_LIMIT_BYTES)
        .read_to_string(&mut text)
        .map_err(CommandError::file("read", "standard input"))?;
    let password = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    match password::check(&password, Holder::Person) {
        Ok(()) => Ok(password),
        Err(refused) => Err(CommandError::Usage(format!("{refused}\n{}", rules()))),
    }
}

/// All rules, so that a person need not find them one by one.
fn rules() -> String {
    let (least, most) = (password::LENGTH.start(), password::LENGTH.end());
    format!(
        "A password has {least} to {most} characters: lower-case and upper-case letters, digits and special characters"
    )
}
