//! The suite `sqlite`: SQLite's own tests, from Debian's source package, with the vault as the VFS of everything.
//!
//! Their program is built around Debian's SQLite, whose pages are told to have the vault's size and reserve, whatever a test
//! asks for; `tests/sqlite` is linked into it. What need not pass stands in `tests/sqlite/expected.tsv`, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Failure, Outcome, packages, process, speedtest};

const VERSION: &str = "3.40.1";
const SOURCES: &str =
    "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n";
/// What a test file may take of the processor; those that need more are listed. It may wait for the disk for much longer.
const CPU_SECONDS_MAX: u32 = 120;
const SECONDS_MAX: &str = "1800";
/// Stands in the list for a file's end before its end: a script that does not go on after a failure of its own.
const END: &str = "end";

/// The two places of `btree.c` where the size of pages and of their reserve comes from.
const PATCHES: &[(&str, &str)] = &[
    (
        "  int rc = SQLITE_OK;\n  int x;\n  BtShared *pBt = p->pBt;\n",
        "  int rc = SQLITE_OK;\n  int x;\n  BtShared *pBt = p->pBt;\n  if( pageSize>0 ) pageSize = 4096;\n  nReserve = 48;\n",
    ),
    ("==2 ? 1 : 0);\n      }\n#endif\n      nReserve = 0;\n", "==2 ? 1 : 0);\n      }\n#endif\n      nReserve = 48;\n"),
];

/// Builds the program where it is older than the vault, and runs a share of the files, or all.
///
/// # Errors
/// `NeedsPerson` for packages that cannot be installed, `Failed` where something does not build or a test fails that should
/// pass.
pub(crate) fn suite(full: bool) -> Outcome {
    packages::install(packages::BUILD)?;
    let folder = source()?;
    process::run(process::cargo().args(["build", "--release", "--workspace", "--lib"]))?;
    speedtest::compare(full)?;
    build(&folder)?;
    let expected = Expected::read()?;
    let mut files = test_files(&folder)?;
    files.retain(|file| !expected.skips(file) && (full || expected.share.contains(file)));
    run_all(&folder, &files, &expected)
}

pub(crate) fn failed(what: &Path) -> impl Fn(std::io::Error) -> Failure {
    let what = what.display().to_string();
    move |error| Failure::Failed(format!("{what}: {error}"))
}

/// Debian's source, patched and configured.
///
/// # Errors
/// `NeedsPerson` for packages that cannot be installed, `Failed` where the source cannot be had.
pub(crate) fn source() -> Result<PathBuf, Failure> {
    packages::install(packages::TCL)?;
    let parent = process::target_dir().join("sqlite");
    let folder = parent.join(format!("sqlite3-{VERSION}"));
    if folder.join("Makefile").exists() {
        return Ok(folder);
    }
    let _ = fs::remove_dir_all(&folder);
    let lists = parent.join("lists");
    fs::create_dir_all(lists.join("partial")).map_err(failed(&lists))?;
    let list = parent.join("debian.list");
    fs::write(&list, SOURCES).map_err(failed(&list))?;
    for arguments in [&["update"][..], &["source", "--only-source", "sqlite3"]] {
        let mut apt = Command::new("apt-get");
        apt.current_dir(&parent).arg("-o").arg(format!("Dir::Etc::sourcelist={}", list.display()));
        apt.arg("-o")
            .arg("Dir::Etc::sourceparts=/dev/null")
            .arg("-o")
            .arg(format!("Dir::State::lists={}", lists.display()));
        process::run(apt.args(arguments))?;
    }
    patch(&folder.join("src/btree.c"))?;
    process::run(Command::new("./configure").arg("--enable-all").current_dir(&folder).stdout(Stdio::null()))?;
    let makefile = folder.join("Makefile");
    let text = fs::read_to_string(&makefile).map_err(failed(&makefile))?;
    let text = text.replace("SQLITE_DEFAULT_PAGE_SIZE=1024", "SQLITE_DEFAULT_PAGE_SIZE=4096");
    fs::write(&makefile, text).map_err(failed(&makefile))?;
    Ok(folder)
}

fn patch(file: &Path) -> Outcome {
    let mut text = fs::read_to_string(file).map_err(failed(file))?;
    for (before, after) in PATCHES {
        if text.matches(before).count() != 1 {
            return Err(Failure::Failed(format!(
                "{}: a place that is to be patched is not there once",
                file.display()
            )));
        }
        text = text.replace(before, after);
    }
    fs::write(file, text).map_err(failed(file))
}

fn build(folder: &Path) -> Outcome {
    let (program, library) = (folder.join("testfixture"), process::target_dir().join("release/libvault_default.a"));
    let age = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if age(&program).is_some() && age(&program) > age(&library) {
        return Ok(());
    }
    let _ = fs::remove_file(&program);
    // The library's own SQLite comes second, and is not taken where Debian's has the same.
    let libraries = format!("{} -Wl,--allow-multiple-definition -lpthread -ldl -lm -lgcc_s", library.display());
    let options = "-DSQLITE_EXTRA_INIT=rainbow_vault_default -DSQLITE_STMTJRNL_SPILL=-1";
    let mut make = Command::new("make");
    make.current_dir(folder).args(["--silent", "testfixture", "CFLAGS=-O1 -w", "TEMP_STORE=-DSQLITE_TEMP_STORE=3"]);
    make.arg(format!("OPTS={options}")).arg(format!("LIBS={libraries}"));
    process::run(make.stdout(Stdio::null()))
}

/// Names of files without their ending; those that only run others are not among them.
fn test_files(folder: &Path) -> Result<Vec<String>, Failure> {
    let tests = folder.join("test");
    let entries = fs::read_dir(&tests).map_err(failed(&tests))?.flatten();
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".test").map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    Ok(names)
}

/// What need not pass, and what belongs to the share.
struct Expected {
    /// Test names by file, `NAME*` for all that begin so; `*` is the whole file.
    listed: BTreeMap<String, BTreeSet<String>>,
    share: BTreeSet<String>,
}

impl Expected {
    fn read() -> Result<Self, Failure> {
        let folder = process::root().join("tests/sqlite");
        let text = |name: &str| fs::read_to_string(folder.join(name)).map_err(failed(&folder.join(name)));
        let mut listed = BTreeMap::<String, BTreeSet<String>>::new();
        for line in text("expected.tsv")?.lines().filter(|line| !line.starts_with('#')) {
            let [file, tests, reason] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(Failure::Failed(format!("expected.tsv: `{line}` is not FILE, TESTS and REASON")));
            };
            if reason.trim().is_empty() {
                return Err(Failure::Failed(format!("expected.tsv: `{line}` gives no reason")));
            }
            listed.entry(file.to_owned()).or_default().extend(tests.split(' ').map(str::to_owned));
        }
        Ok(Self { listed, share: text("share.txt")?.split_whitespace().map(str::to_owned).collect() })
    }

    fn skips(&self, file: &str) -> bool {
        self.listed.get(file).is_some_and(|tests| tests.contains("*"))
    }

    fn allows(&self, file: &str, test: &str) -> bool {
        let begins = |listed: &String| listed.strip_suffix('*').is_some_and(|beginning| test.starts_with(beginning));
        self.listed.get(file).is_some_and(|tests| tests.contains(test) || tests.iter().any(begins))
    }
}

/// What one file came to.
struct Ran {
    tests: u64,
    /// Failures that are listed.
    known: usize,
    unexpected: Vec<String>,
}

fn run_all(folder: &Path, files: &[String], expected: &Expected) -> Outcome {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = run(folder, file, expected);
                    all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(ran);
                }
            });
        }
    });
    let all = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let tests: u64 = all.iter().map(|ran| ran.tests).sum();
    let known: usize = all.iter().map(|ran| ran.known).sum();
    let mut unexpected: Vec<&String> = all.iter().flat_map(|ran| &ran.unexpected).collect();
    unexpected.sort();
    println!("{} files, {tests} tests, {known} failures that are listed with a reason", files.len());
    unexpected.iter().for_each(|text| println!("{text}"));
    if unexpected.is_empty() && tests > 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!("{} failures that nobody expected", unexpected.len())))
}

/// Runs one file in a folder of its own.
fn run(folder: &Path, file: &str, expected: &Expected) -> Ran {
    let own = process::target_dir().join("sqlite/run").join(file);
    let _ = fs::remove_dir_all(&own);
    let run = || -> std::io::Result<String> {
        fs::create_dir_all(&own)?;
        let mut command = Command::new("timeout");
        command.args([SECONDS_MAX, "sh", "-c", &format!("ulimit -t {CPU_SECONDS_MAX}; exec \"$0\" \"$1\"")]);
        command.arg(folder.join("testfixture")).arg(folder.join("test").join(format!("{file}.test")));
        let output = command.current_dir(&own).stdin(Stdio::null()).stderr(Stdio::null()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let said = run().unwrap_or_else(|error| error.to_string());
    let _ = fs::remove_dir_all(&own);
    judge(file, &said, expected)
}

/// What a file's output comes to.
fn judge(file: &str, said: &str, expected: &Expected) -> Ran {
    let summary = said.lines().find_map(|line| line.split_once(" errors out of "));
    let tests = summary.and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    let listed = said.lines().filter_map(|line| line.strip_prefix("!Failures on these tests: "));
    let mut failures: BTreeSet<&str> = listed.flat_map(|names| names.split(' ')).collect();
    let tests = tests.unwrap_or_else(|| {
        let told = said.lines().filter_map(|line| line.strip_prefix("! ")?.split_once(" expected: "));
        failures.extend(told.flat_map(|(name, _)| name.split(' ')));
        failures.insert(END);
        said.lines().filter(|line| line.ends_with("... Ok")).count() as u64
    });
    let (known, unexpected): (Vec<&str>, Vec<&str>) =
        failures.into_iter().partition(|test| expected.allows(file, test));
    let unexpected = unexpected.into_iter().map(|test| match test {
        END => format!("{file}: it ends before its end, or takes too long"),
        test => format!("{file}: {test}"),
    });
    Ran { tests, known: known.len(), unexpected: unexpected.collect() }
}
