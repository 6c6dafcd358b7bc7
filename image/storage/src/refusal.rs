//! Why the TPM did not open the data partition, told by what systemd's tools say, in words for people.

use storage_contract::Problem;

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The machine has none, or it is switched off.
    NoTpm,
    /// The key was sealed by another one: the disk is in another machine, or the TPM was cleared.
    OtherTpm,
    /// It is the same one, but what it measured is not what the key is bound to.
    OtherState,
    /// It waits after too many wrong tries.
    LockedOut,
    /// Something else; the words are in the log.
    Other,
}

impl Refusal {
    /// Reads what `systemd-cryptsetup` or `systemd-creds` said.
    pub(crate) fn of(said: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if has(&["lockout", "0x00000921", "TPM_RC_LOCKOUT"]) {
            Self::LockedOut
        } else if has(&["0x0000018b", "0x000001df", "0x000001cb", "SRK", "Esys_Load"]) {
            Self::OtherTpm
        } else if has(&["Operation not permitted", "current system state", "PCR", "policy", "signature"]) {
            Self::OtherState
        } else if has(&["No TPM2 device", "TPM2 support is not", "Operation not supported"]) {
            Self::NoTpm
        } else {
            Self::Other
        }
    }

    /// What the screen says before it asks.
    pub(crate) fn in_words(self) -> Problem {
        let (what, what_to_do) = match self {
            Self::NoTpm => (
                "This machine has no TPM 2.0 (or it is switched off), and the data is locked with one.",
                "Switch the TPM on in the firmware's settings and start again, or type the recovery key now.",
            ),
            Self::OtherTpm => (
                "The TPM does not know this data: the disk was locked by another machine, or the TPM was cleared.",
                "Put the disk back into its machine, or type the recovery key: this machine opens it by itself then.",
            ),
            Self::OtherState => (
                "The TPM refuses to open the data: Secure Boot, its keys or the started system are not as they were.",
                "If nobody changed them on purpose, set them back. If it was you, type the recovery key.",
            ),
            Self::LockedOut => (
                "The TPM is locked for a while after too many wrong tries.",
                "Wait for an hour with the machine switched on and start again, or type the recovery key.",
            ),
            Self::Other => ("The TPM did not open the data.", "Start again, or type the recovery key."),
        };
        Problem { what: what.to_owned(), what_to_do: what_to_do.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_systemd_257_are_understood_d2() {
        let other_machine = "ERROR:esys:src/tss2-esys/api/Esys_Load.c:112:Esys_Load() Esys Finish ErrorCode (0x0000018b)\n\
            Failed to unseal secret using TPM2: State not recoverable\nTPM2 operation failed, falling back to traditional unlocking";
        assert_eq!(Refusal::of(other_machine), Refusal::OtherTpm);
        let other_keys = "Failed to unseal secret using TPM2: Operation not permitted\nNo valid TPM2 token data found.\n\
            No TPM2 metadata matching the current system state found in LUKS2 header.";
        assert_eq!(Refusal::of(other_keys), Refusal::OtherState);
        assert_eq!(Refusal::of("TPM in DA lockout mode."), Refusal::LockedOut);
        assert_eq!(Refusal::of("No TPM2 device found"), Refusal::NoTpm);
        assert_eq!(Refusal::of(""), Refusal::Other);
    }

    #[test]
    fn each_refusal_says_what_is_wrong_and_names_the_recovery_key_d2() {
        for refusal in [Refusal::NoTpm, Refusal::OtherTpm, Refusal::OtherState, Refusal::LockedOut, Refusal::Other] {
            let problem = refusal.in_words();
            assert!(problem.what.contains("TPM") && problem.what_to_do.contains("recovery key"), "{problem:?}");
        }
    }
}
