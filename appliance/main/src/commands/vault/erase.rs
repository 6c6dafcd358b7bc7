//! `vault erase`, `vault receipts` and `vault receipt` (D2).

use super::super::ask;
use super::{bytes_below, in_bytes};
use crate::admin;
use crate::cli::{Folder, VaultErase, VaultReceipt};
use crate::commands::bar::Bar;
use crate::error::CommandError;
use crate::folder;
use app::company::Receipt;
use appliance_contract::{Answer, CompanyErase, ErasedAt, ErasurePlan, Request};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Time for the files of a company to go.
const ERASED_WITHIN: Duration = Duration::from_secs(3600);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A receipt has less than 2 KiB.
const RECEIPT_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn erase(options: &VaultErase) -> Result<ExitCode, CommandError> {
    let asked = |name| Request::CompanyErase(CompanyErase { company: options.company.clone(), name });
    let plan = match ask::box_of(&options.folder, asked(None))? {
        Answer::ErasurePlan(plan) => plan,
        answer => return Err(ask::other(answer)),
    };
    tell(&options.company, &plan);
    if options.dry_run {
        println!("Nothing was erased.");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = options.receipt.as_ref().filter(|file| file.exists()) {
        return Err(CommandError::Usage(format!("{} exists already; nothing was erased", file.display())));
    }
    let name = match &options.yes_erase {
        Some(name) => name.clone(),
        None => typed()?,
    };
    match shown(options, &plan, asked(Some(name)))? {
        Answer::Erased { receipt, backups } => {
            println!("The company is erased.");
            backups.iter().for_each(tell_backup);
            keep(&receipt, options.receipt.as_deref())
        }
        answer => Err(ask::other(answer)),
    }
}

/// Erases, and tells meanwhile how much of the files is gone: many take longer than an answer usually does.
fn shown(options: &VaultErase, plan: &ErasurePlan, request: Request) -> Result<Answer, CommandError> {
    let files = options.folder.data.join("files").join(&options.company);
    let (ended, on) = (AtomicBool::new(false), &options.folder);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut bar = Bar::new();
            while !ended.load(Ordering::Acquire) {
                let gone = plan.file_bytes.saturating_sub(bytes_below(&files));
                bar.show("erased", gone, plan.file_bytes);
                std::thread::park_timeout(LOOK_EVERY);
            }
            bar.clear();
        });
        let done = match admin::ask_within(&on.data, &request, ERASED_WITHIN) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => ask::box_of(on, request),
            Err(failure) => Err(failure),
        };
        ended.store(true, Ordering::Release);
        done
    })
}

fn tell(id: &str, plan: &ErasurePlan) {
    let ErasurePlan { name, people, messages, bubbles, files, file_bytes } = plan;
    println!("company   {id}, {name}");
    println!("people    {people}");
    println!("messages  {messages}, in {bubbles} bubbles and between people");
    println!("files     {files} with {}", in_bytes(*file_bytes));
    println!("Erasing destroys the key of all this: no backup and no copy of it opens any more. It cannot be undone.");
}

fn typed() -> Result<String, CommandError> {
    print!("Type the name of the company to erase it: ");
    std::io::stdout().flush().map_err(CommandError::file("write to", "standard output"))?;
    let mut name = String::new();
    std::io::stdin().read_line(&mut name).map_err(CommandError::file("read", "standard input"))?;
    Ok(name.trim_end_matches(['\r', '\n']).to_owned())
}

fn tell_backup(at: &ErasedAt) {
    match &at.kept {
        None => println!("backup    {}: its key is gone there too", at.target),
        Some(why) => println!("backup    {}: still has its key, until the next run there: {why}", at.target),
    }
}

fn keep(receipt: &str, file: Option<&Path>) -> Result<ExitCode, CommandError> {
    match file {
        None => println!("{receipt}"),
        Some(file) => {
            let kept = folder::write_private(file, format!("{receipt}\n").as_bytes());
            if kept.is_err() {
                println!("{receipt}");
            }
            kept?;
            println!("The signed receipt is in {}; `vault receipts` tells it again.", file.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn receipts(on: &Folder) -> Result<ExitCode, CommandError> {
    match ask::box_of(on, Request::VaultReceipts)? {
        Answer::Receipts(told) => {
            println!("key of this box: {}", told.public_key);
            told.receipts.iter().for_each(|receipt| println!("{receipt}"));
            Ok(ExitCode::SUCCESS)
        }
        answer => Err(ask::other(answer)),
    }
}

pub(super) fn verify(options: &VaultReceipt) -> Result<ExitCode, CommandError> {
    let file = &options.verify;
    let mut text = String::new();
    let opened = File::open(file).map_err(CommandError::file("read", file))?;
    opened.take(RECEIPT_BYTES_MAX).read_to_string(&mut text).map_err(CommandError::file("read", file))?;
    let no_receipt = |why: &str| CommandError::Usage(format!("{}: {why}", file.display()));
    let receipt: Receipt = serde_json::from_str(&text).map_err(|e| no_receipt(&format!("this is no receipt: {e}")))?;
    let wrong = |message: &str, what_to_do: &str| CommandError::Refused {
        message: format!("{}: {message}", file.display()),
        what_to_do: what_to_do.to_owned(),
    };
    if !receipt.is_authentic() {
        return Err(wrong("the signature does not belong to what stands there", "Do not trust it: it was changed"));
    }
    if let Some(expected) = &options.public_key
        && !expected.trim().eq_ignore_ascii_case(&receipt.public_key)
    {
        return Err(wrong("another key than the given one signed it", "It is not a receipt of that box"));
    }
    let erased = &receipt.erasure;
    println!("company   {} on {}, erased at {}", erased.company, erased.domain, erased.erased_at);
    println!("people    {}", erased.people);
    println!("messages  {}", erased.messages);
    println!("files     {} with {}", erased.files, in_bytes(erased.file_bytes));
    println!("signed by {}", receipt.public_key);
    if options.public_key.is_none() {
        println!("Compare the key with that of the box, which `rainbow-edge vault receipts` tells.");
    }
    Ok(ExitCode::SUCCESS)
}
