//! `cargo xtask image`: from the built executables and Debian's packages to a signed disk that boots. `image/build` is the recipe,
//! this is the kitchen: it calls the tools in order, and says what it does.

mod cross;
mod disk;
mod executables;
mod flavour;
mod foreign;
mod formats;
mod installer;
mod keys;
mod recipe;
mod sizes;
mod sources;
mod tools;
mod tree;
mod twice;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::{Failure, Outcome, process, sbom};
use flavour::Flavour;
use tools::Tools;

/// What a person asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    flavour: Flavour,
    formats: bool,
    twice: bool,
    version: String,
}

/// One build: where things are, and what must be the same whenever the same commit is built.
struct Build {
    tools: Tools,
    flavour: Flavour,
    /// `target/image`; inside of the tools `/out`.
    out: PathBuf,
    version: String,
    /// Time of the commit in seconds: every file and every certificate's use in the image has it.
    epoch: String,
}

impl Build {
    /// A file of this build.
    fn file(&self, name: &str) -> PathBuf {
        self.out.join(self.flavour.name()).join(name)
    }

    /// The same file, as the tools see it.
    fn inside(&self, name: &str) -> String {
        format!("/out/{}/{name}", self.flavour.name())
    }

    /// A program of the tools that takes the time from us.
    fn tool(&self, program: &str) -> std::process::Command {
        let mut command = self.tools.command(program);
        command.env("SOURCE_DATE_EPOCH", &self.epoch);
        command
    }

    /// Runs it, with its log beside what it makes.
    fn run(&self, step: &str, log: &str, command: &mut std::process::Command) -> Outcome {
        self.tools.run(step, &format!("{}/{log}.log", self.flavour.name()), command)
    }
}

/// Builds an image.
///
/// # Errors
/// `NeedsPerson` for unknown arguments or without root's rights, `Failed` when a step fails.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let request = read(arguments)?;
    let out = process::target_dir().join("image");
    folder(&out.join(request.flavour.name()))?;
    let begun = Instant::now();
    let mirrors = sources::Mirrors::of_this_machine()?;
    step("tools: a Debian of their own in target/image/tools");
    let tools = Tools::ready(&out, &mirrors)?;
    keys::ready(&tools, &out)?;
    let Request { flavour, version, .. } = request;
    let build = Build { tools, flavour, out, version, epoch: epoch()? };
    let _foreign = executables(&build, &mirrors)?;
    once(&build, &mirrors)?;
    if request.twice {
        let first = twice::Prints::of(&build)?;
        once(&build, &mirrors)?;
        first.compare(&twice::Prints::of(&build)?)?;
    }
    if request.formats {
        step("the forms that hypervisors take");
        formats::make(&build)?;
    }
    println!("done in {} s: {}", begun.elapsed().as_secs(), build.file("disk.raw").display());
    Ok(())
}

/// Builds what is ours. For another processor than this machine's also makes its programs start here, as long as the answer
/// is kept: packages run some while they are installed.
fn executables(build: &Build, mirrors: &sources::Mirrors) -> Result<Option<foreign::Foreign>, Failure> {
    if build.flavour != Flavour::Arm64 {
        step("our executables");
        executables::build()?;
        return Ok(None);
    }
    step("the compiler for arm64: a Debian of its own in target/image/cross");
    let cross = Tools::cross(&build.out, mirrors)?;
    step("our executables, for arm64");
    cross::build(&cross, build)?;
    foreign::Foreign::aarch64(&build.out.join("cross")).map(Some)
}

fn once(build: &Build, mirrors: &sources::Mirrors) -> Outcome {
    step("the files of the root that are ours");
    tree::stage(build)?;
    step("the root and the initrd from Debian's packages (a minute or two)");
    recipe::tree(build, mirrors)?;
    let unpacked = sizes::Unpacked::of(build)?;
    step("the list of what is shipped");
    list(build)?;
    step("the root compressed, with its tree of hashes; the kernel, signed");
    recipe::root(build)?;
    recipe::kernel(build)?;
    step("the disk");
    disk::compose(build)?;
    if build.flavour == Flavour::Pc {
        step("the stick that installs it");
        installer::make(build)?;
    }
    sizes::tell(build, &unpacked)
}

/// `sbom.cdx.json` beside the disk (I6). The initrd's packages are all among those of the root, in the same versions.
fn list(build: &Build) -> Outcome {
    let status = build.file("mkosi/image/var/lib/dpkg/status");
    let count = sbom::of_checkout(&[&status], &build.file("sbom.cdx.json"))?;
    println!("  {count} components");
    Ok(())
}

fn read(arguments: &[String]) -> Result<Request, Failure> {
    let mut request =
        Request { flavour: Flavour::Vm, formats: false, twice: false, version: env!("CARGO_PKG_VERSION").to_owned() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--formats" => request.formats = true,
            "--twice" => request.twice = true,
            "--version" => {
                let wrong = || Failure::NeedsPerson("--version takes digits and dots, for example 1.2.0".to_owned());
                request.version = words.next().filter(|value| is_version(value)).ok_or_else(wrong)?.clone();
            }
            other => request.flavour = named(other)?,
        }
    }
    Ok(request)
}

fn named(word: &str) -> Result<Flavour, Failure> {
    Flavour::ALL.into_iter().find(|flavour| flavour.name() == word).ok_or_else(|| {
        Failure::NeedsPerson(format!(
            "image does not know `{word}`; usage: cargo xtask image [vm|pc|arm64] [--formats] [--twice] [--version V]"
        ))
    })
}

fn is_version(value: &str) -> bool {
    value.starts_with(|letter: char| letter.is_ascii_digit())
        && value.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
}

/// The time of the commit; outside of a checkout, what whoever builds has set.
fn epoch() -> Result<String, Failure> {
    if let Ok(value) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(value);
    }
    let mut git = std::process::Command::new("git");
    let said = process::output(git.current_dir(process::root()).args(["log", "-1", "--format=%ct"]));
    said.map(|text| text.trim().to_owned()).map_err(|_| {
        Failure::NeedsPerson(
            "this is no checkout of git: set SOURCE_DATE_EPOCH to the time the image shall carry".to_owned(),
        )
    })
}

fn step(text: &str) {
    println!("• {text}");
}

fn folder(path: &Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| failed("make the folder", path, &error))
}

fn write(path: &Path, text: &str) -> Outcome {
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    std::fs::write(path, text).map_err(|error| failed("write", path, &error))
}

fn remove(path: &Path) -> Outcome {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(_) => Ok(()),
    };
    removed.map_err(|error| failed("remove", path, &error))
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot {what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Flavour, read};

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn without_words_it_is_the_virtual_machine_of_this_version() {
        let request = read(&[]).expect("no argument is needed");
        assert_eq!((request.flavour, request.formats, request.twice), (Flavour::Vm, false, false));
        assert_eq!(request.version, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn flavour_formats_and_version_are_read_in_any_order() {
        let request = read(&words("--formats --version 2.0.1 pc")).expect("all of it is known");
        assert_eq!((request.flavour, request.formats, request.version.as_str()), (Flavour::Pc, true, "2.0.1"));
    }

    #[test]
    fn unknown_words_and_versions_that_are_none_are_refused() {
        assert_eq!(read(&words("arm64")).expect("a flavour").flavour, Flavour::Arm64);
        assert!(read(&words("iso")).is_err());
        assert!(read(&words("--version next")).is_err());
        assert!(read(&words("--version")).is_err());
    }
}
