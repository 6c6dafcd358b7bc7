//! The `image` suite: the image built, and booted as it is shipped in QEMU, with people at browsers and auditors around it.

use std::ffi::OsString;

use crate::{Failure, Outcome, image, node, packages, process, sdk, suites};

/// Brings what the scenarios need and runs `tests/image`; machines are switched on one after another.
///
/// # Errors
/// `NeedsPerson` without root's rights, `Failed` when the image cannot be built or a scenario fails.
pub(crate) fn run(full: bool) -> Outcome {
    if !process::is_root() {
        return Err(Failure::NeedsPerson(
            "the image is booted in a root folder of its own and scanned in a network of its own, which takes root's rights:\n\n    \
             sudo --preserve-env=PATH,HOME cargo xtask test image\n"
                .to_owned(),
        ));
    }
    built("RAINBOW_IMAGE_DISK", "vm")?;
    if full {
        built("RAINBOW_IMAGE_STICK", "pc")?;
        built("RAINBOW_IMAGE_ARM64", "arm64")?;
    }
    packages::install(packages::IMAGE_AUDIT)?;
    packages::install(packages::BROWSER)?;
    let node = absolute(node::program()?.into_os_string());
    sdk::install_newest()?;
    node::install(&process::root().join("tests/web"), &node::WITHOUT_OPTIONAL)?;
    let mut command = suites::tests(full);
    command.args(["--workspace", "--test", "image"]).env("RAINBOW_EDGE_NODE", node);
    // What a machine says while it boots is shown at once: minutes without a word look like a hang.
    process::run_tests(command.args(["--", "--test-threads=1", "--nocapture"]))
}

/// What is tested is what the checkout makes; a developer may name another disk or stick.
fn built(given: &str, flavour: &str) -> Outcome {
    if std::env::var_os(given).is_some() { Ok(()) } else { image::start(&[flavour.to_owned()]) }
}

/// Tests run in the folder of their crate.
fn absolute(program: OsString) -> OsString {
    std::path::Path::new(&program).canonicalize().map_or(program, std::path::PathBuf::into_os_string)
}
