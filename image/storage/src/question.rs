//! Questions to a person, by systemd's password agents: ours on screen and serial port.

use crate::error::StorageError;
use crate::tool::Tools;
use zeroize::Zeroizing;

/// What can open the data, by a person's hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Typeable {
    pub(crate) recovery_key: bool,
    pub(crate) passphrase: bool,
}

impl Typeable {
    pub(crate) fn is_nothing(self) -> bool {
        !self.recovery_key && !self.passphrase
    }

    pub(crate) fn question(self) -> &'static str {
        match (self.passphrase, self.recovery_key) {
            (true, true) => "Type the passphrase or the recovery key:",
            (true, false) => "Type the passphrase:",
            _ => "Type the recovery key:",
        }
    }

    /// After a wrong try.
    pub(crate) fn wrong(self, tries: u32) -> (String, &'static str) {
        let (what, what_to_do) = match (self.passphrase, self.recovery_key) {
            (true, true) => (
                "neither the passphrase nor the recovery key",
                "The passphrase was chosen at the first start; the recovery key was written down in the setup.",
            ),
            (true, false) => ("not the passphrase", "It was chosen at the first start. Capital letters count."),
            _ => (
                "not the recovery key",
                "It was written down in the setup: 32 letters and digits in 8 groups. Small letters are as good.",
            ),
        };
        let tries = if tries == 1 { "1 wrong try".to_owned() } else { format!("{tries} wrong tries") };
        (format!("What was typed is {what} ({tries})."), what_to_do)
    }
}

/// Asks and waits, for ever if need be. Nothing of the answer is kept by the agents.
pub(crate) fn ask(tools: &Tools, question: &str) -> Result<Zeroizing<String>, StorageError> {
    let run = tools.run("systemd-ask-password").args(["--no-tty", "--timeout=0", "--id=rainbow-edge-storage"]);
    let asked = run.arg(question).end()?;
    if !asked.is_success() {
        return Err(StorageError::Ask(asked.last_words()));
    }
    let text =
        std::str::from_utf8(&asked.output).map_err(|_| StorageError::Ask("the answer is not UTF-8".to_owned()))?;
    Ok(Zeroizing::new(text.strip_suffix('\n').unwrap_or(text).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_what_opens_and_ends_in_a_colon_d2() {
        let of = |passphrase, recovery_key| Typeable { recovery_key, passphrase };
        assert_eq!(of(false, true).question(), "Type the recovery key:");
        assert_eq!(of(true, true).question(), "Type the passphrase or the recovery key:");
        assert_eq!(of(true, false).question(), "Type the passphrase:");
        assert!(of(false, false).is_nothing() && !of(true, false).is_nothing());
    }

    #[test]
    fn a_wrong_try_says_what_was_expected_and_where_it_is_written_d2() {
        let (what, what_to_do) = Typeable { recovery_key: true, passphrase: false }.wrong(3);
        assert_eq!(what, "What was typed is not the recovery key (3 wrong tries).");
        assert!(what_to_do.contains("32 letters and digits"));
        let (what, _) = Typeable { recovery_key: true, passphrase: true }.wrong(1);
        assert_eq!(what, "What was typed is neither the passphrase nor the recovery key (1 wrong try).");
    }
}
