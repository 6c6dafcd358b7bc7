use crate::error::CommandError;
use std::io::{IsTerminal, Read};
use zeroize::Zeroizing;

/// More than any password may have, in bytes.
const INPUT_LIMIT_BYTES: u64 = 4096;

/// Reads a password from standard input: all of it, without the line end.
pub(super) fn read() -> Result<Zeroizing<String>, CommandError> {
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
    if password.is_empty() {
        return Err(CommandError::Usage(String::from("standard input holds no password")));
    }
    Ok(password)
}
