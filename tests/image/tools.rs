//! Programs of the tools' root folder: QEMU, firmware and TPM of one known Debian, whatever the machine has itself.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Fault, Outcome};
use crate::place::Place;

/// The folders of a run are at the same paths inside. What is mounted lasts as long as the program, which dies with its test.
const ENTER: &str = r#"
set -e
tools=$1; state=$2; reports=$3; sockets=$4; keys=$5; shift 5
mount --bind "$tools" "$tools"
mount -t proc proc "$tools/proc"
mount --rbind /sys "$tools/sys"
mount --rbind /dev "$tools/dev"
mount -t tmpfs tmpfs "$tools/run"
mount -t tmpfs tmpfs "$tools/tmp"
for folder in "$state" "$reports" "$sockets" "$keys"; do
    mkdir -p "$tools$folder"
    mount --bind "$folder" "$tools$folder"
done
exec chroot "$tools" setpriv --pdeathsig KILL -- "$@"
"#;

/// `before`: words in front, such as those that enter a network namespace.
pub(crate) fn command(place: &Place, before: &[String], program: &str) -> Command {
    command_of(&place.tools, place, before, program)
}

/// The same of another root folder.
pub(crate) fn command_of(root: &Path, place: &Place, before: &[String], program: &str) -> Command {
    let words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, program].map(str::to_owned);
    let mut all = before.iter().cloned().chain(words);
    let mut command = Command::new(all.next().unwrap_or_default());
    command.args(all).arg(root).args([&place.state, &place.reports, &place.sockets, &place.keys]).arg(program);
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
    command.env_remove("TMPDIR");
    command
}

/// A program of the tools, run to its end.
pub(crate) fn run<W: AsRef<OsStr>>(place: &Place, program: &str, words: &[W]) -> Outcome<String> {
    let mut command = command(place, &[], program);
    command.args(words);
    output(&format!("{program} {}", in_words(words)), &mut command)
}

/// Any program, run to its end; what it printed, or its errors.
pub(crate) fn output(step: &str, command: &mut Command) -> Outcome<String> {
    let fault = |said: String| Fault::Tool { step: step.to_owned(), said };
    let output = command.stdin(Stdio::null()).output().map_err(|error| fault(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(fault(format!("{}: {}{text}", output.status, errors.trim())))
}

fn in_words<W: AsRef<OsStr>>(words: &[W]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.as_ref().to_string_lossy()).collect();
    words.join(" ")
}
