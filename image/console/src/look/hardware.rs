use crate::facts::Machine;
use std::fs;
use std::path::Path;

const FIRMWARE: &str = "/sys/firmware/efi";
const SECURE_BOOT: &str = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// An EFI variable begins with 4 bytes of attributes.
const VALUE_AT: usize = 4;

pub(super) fn look() -> Machine {
    let value = fs::read(SECURE_BOOT).ok().and_then(|variable| variable.get(VALUE_AT).copied());
    let is_efi = Path::new(FIRMWARE).exists();
    Machine { has_tpm: Path::new("/sys/class/tpmrm/tpmrm0").exists(), secure_boot: is_efi.then_some(value == Some(1)) }
}
