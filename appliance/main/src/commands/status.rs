use crate::admin;
use crate::cli::Status as StatusOptions;
use crate::error::CommandError;
use appliance_contract::{Answer, Request, Status};
use std::process::ExitCode;

/// Exit code of a box that does not serve (as `systemctl status` has it).
const NOT_RUNNING: u8 = 3;

/// Says how the box is.
pub(super) fn execute(options: &StatusOptions) -> Result<ExitCode, CommandError> {
    match admin::ask(&options.data, &Request::Status)? {
        Some(Answer::Status(status)) => {
            if options.json {
                let text = serde_json::to_string_pretty(&status)
                    .map_err(|e| CommandError::Usage(format!("the status cannot be written as JSON: {e}")))?;
                println!("{text}");
            } else {
                print(&status);
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(Answer::Refused(refusal)) => {
            Err(CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do })
        }
        Some(_) => Err(CommandError::Usage(String::from("the box gave an answer to another question"))),
        None => {
            if options.json {
                println!("{{\"ready\": false}}");
            } else {
                println!("not running: start it with rainbow-edge run --data {}", options.data.display());
            }
            Ok(ExitCode::from(NOT_RUNNING))
        }
    }
}

fn print(status: &Status) {
    println!("ready       {}", if status.ready { "yes" } else { "no" });
    println!("version     {}", status.version);
    println!("address     {}", status.address);
    println!("domain      {}", status.domain);
    println!("CA file     {}", status.ca_file);
    println!("companies   {}", status.companies);
    println!("users       {}", status.users);
    for recovered in &status.recovered {
        println!(
            "recovered   {}: {} commits, {} pages after an unclean end",
            recovered.database, recovered.commits, recovered.frames
        );
    }
    for warning in &status.warnings {
        println!("warning     {warning}");
    }
}
