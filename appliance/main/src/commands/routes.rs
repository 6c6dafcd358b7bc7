use crate::cli::Routes;
use crate::error::CommandError;
use std::process::ExitCode;

/// Lists the routes of the REST interface.
pub(super) fn execute(options: &Routes) -> Result<ExitCode, CommandError> {
    let routes = rest::routes();
    if options.json {
        let text = serde_json::to_string_pretty(&routes)
            .map_err(|e| CommandError::Usage(format!("the routes cannot be written as JSON: {e}")))?;
        println!("{text}");
    } else {
        for route in routes {
            let note = if route.empty_by_design { "  (empty by design)" } else { "" };
            println!("{:6} {}  {:?}{note}", route.method, route.path, route.access);
        }
    }
    Ok(ExitCode::SUCCESS)
}
