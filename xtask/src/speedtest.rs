//! SQLite's own `speedtest1`, linked to the SQLite and the vault that are shipped: what it reads from sealed files must be what it
//! reads from plain ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::sqlite::failed;
use crate::{Failure, Outcome, process, sqlite};

/// Its sets of work, but `trigger`, which names tables that it does not make.
const SETS: &str = "main,orm,cte,fp,rtree";
/// Kinds of journals, and whether each transaction waits for the disk: with the log it does, as in the product.
const JOURNALS: &[(&str, bool)] = &[("wal", true), ("delete", false), ("truncate", false), ("persist", false)];
const SIZE: &str = "3";
const SIZE_FULL: &str = "25";
/// What a sealed page needs; plain ones leave the same bytes free.
const PAGES: &[&str] = &["--pagesize", "4096", "--reserve", "48"];
/// What a plain file begins with.
const PLAIN_HEAD: &[u8] = b"SQLite format 3\0";

/// Builds the program from Debian's source and the library of `tests/sqlite`, which must be built.
///
/// # Errors
/// `Failed` where the source cannot be had or does not compile.
pub(crate) fn executable() -> Result<PathBuf, Failure> {
    let folder = sqlite::source()?;
    let program = process::target_dir().join("sqlite/speedtest1");
    let library = process::target_dir().join("release/libvault_default.a");
    if !folder.join("sqlite3.h").exists() {
        process::run(Command::new("make").current_dir(&folder).args(["--silent", "sqlite3.h"]).stdout(Stdio::null()))?;
    }
    let mut compiler = Command::new("cc");
    // Its first call into SQLite becomes the library's, which puts the vault in.
    compiler.args(["-O2", "-w", "-DSQLITE_ENABLE_RTREE", "-Dsqlite3_initialize=rainbow_vault_initialize"]);
    compiler.arg("-I").arg(&folder).arg(folder.join("test/speedtest1.c")).arg(library);
    process::run(compiler.args(["-lpthread", "-ldl", "-lm", "-lgcc_s", "-o"]).arg(&program))?;
    Ok(program)
}

/// Runs it over each kind of journal, sealed and plain.
///
/// # Errors
/// `Failed` where a run ends with an error, results are not the same, or a file was not sealed, so that nothing was shown.
pub(crate) fn compare(full: bool) -> Outcome {
    let program = executable()?;
    let own = process::target_dir().join("sqlite/speedtest");
    for (journal, waits) in JOURNALS {
        let run = |vfs: &[&str]| {
            let _ = fs::remove_dir_all(&own);
            fs::create_dir_all(&own).map_err(failed(&own))?;
            let file = own.join("a.db");
            let size = if full { SIZE_FULL } else { SIZE };
            let mut command = Command::new(&program);
            command.args(PAGES).args(["--verify", "--testset", SETS, "--size", size, "--journal", journal]).args(vfs);
            if !waits {
                command.arg("--nosync");
            }
            result(&mut command, &file)
        };
        let (sealed, plain) = (run(&[])?, run(&["--vfs", "unix-excl"])?);
        let _ = fs::remove_dir_all(&own);
        if !plain.is_plain || sealed.is_plain {
            return Err(Failure::Failed(format!(
                "speedtest1, {journal}: a file is not as it was to be, sealed or plain"
            )));
        }
        if sealed.hash != plain.hash {
            let (ours, theirs) = (sealed.hash, plain.hash);
            return Err(Failure::Failed(format!("speedtest1, {journal}: sealed `{ours}`, plain `{theirs}`")));
        }
        println!("speedtest1, {journal}: {} on sealed and on plain files", sealed.hash);
    }
    Ok(())
}

struct Ran {
    /// Of all that was read, with its length.
    hash: String,
    is_plain: bool,
}

fn result(command: &mut Command, file: &Path) -> Result<Ran, Failure> {
    let output = command.arg(file).stdin(Stdio::null()).output().map_err(failed(file))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let hash = said.lines().find_map(|line| line.strip_prefix("Verification Hash: "));
    let Some(hash) = hash.filter(|_| output.status.success()) else {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::Failed(format!("{command:?} does not come to its end: {error}")));
    };
    let head = fs::read(file).map_err(failed(file))?;
    Ok(Ran { hash: hash.to_owned(), is_plain: head.starts_with(PLAIN_HEAD) })
}
