//! What is wrong with PEM, without a word of what stands in it: it may be a key.

use rustls::pki_types::pem::Error;

/// In words for the person who has the file.
pub(crate) fn problem(error: &Error) -> String {
    String::from(match error {
        Error::MissingSectionEnd { .. } => {
            "a line -----END ...----- is missing; both headers stand on lines of their own"
        }
        Error::IllegalSectionStart { .. } => {
            "a line that begins with -----BEGIN is no header; both headers stand on lines of their own"
        }
        Error::Base64Decode(_) => "what stands between the headers is not base64",
        Error::NoItemsFound => "nothing of that kind is in it",
        _ => "it cannot be read",
    })
}
