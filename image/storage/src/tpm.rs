//! Whether there is a TPM 2.0, and to what of it keys are bound.

use crate::place::Place;
use std::path::PathBuf;
use std::time::Duration;

/// Where the unified kernel image's public key for PCR 11 is put at the start.
const PUBLIC_KEYS: [&str; 3] = [
    "/run/systemd/tpm2-pcr-public-key.pem",
    "/etc/systemd/tpm2-pcr-public-key.pem",
    "/usr/lib/systemd/tpm2-pcr-public-key.pem",
];

/// How long a driver may take: 10 seconds.
const DRIVER_TRIES: u32 = 50;
const DRIVER_PAUSE: Duration = Duration::from_millis(200);

/// A TPM 2.0 that the kernel has a driver for.
pub(crate) fn is_there(place: &Place) -> bool {
    place.at("/dev/tpmrm0").exists()
}

/// Waits for the driver of a TPM that the firmware tells of.
pub(crate) fn wait_for_driver(place: &Place) {
    let told = place.at("/sys/firmware/acpi/tables/TPM2").exists();
    for _ in 0..DRIVER_TRIES {
        if !told || is_there(place) {
            return;
        }
        std::thread::sleep(DRIVER_PAUSE);
    }
}

/// The key whose signature says which systems may open the data; absent where the kernel image carries none.
pub(crate) fn public_key(place: &Place) -> Option<PathBuf> {
    PUBLIC_KEYS.iter().map(|path| place.at(path)).find(|path| path.exists())
}

/// The TPM, PCR 7 (Secure Boot's state and keys), and any PCR 11 (the started system) that our key has signed, so that an
/// update needs no new sealing (decision 16).
pub(crate) fn policy(place: &Place) -> Vec<String> {
    let mut arguments = vec!["--tpm2-device=auto".to_owned(), "--tpm2-pcrs=7".to_owned()];
    if let Some(key) = public_key(place) {
        arguments.push(format!("--tpm2-public-key={}", key.display()));
        arguments.push("--tpm2-public-key-pcrs=11".to_owned());
    }
    arguments
}
