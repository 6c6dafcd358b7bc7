//! Companies as people see them: their own, and those whose pages are shown to them (B3).

pub(crate) mod list;
pub(crate) mod read;

use app::company::CompanyPage;
use domain::clock::iso8601;
use domain::company::CompanyKind;
use serde_json::{Value, json};

/// A company's page. Its mode is told to its members: whoever else sees the page has no need to know why.
fn company_json(page: &CompanyPage) -> Value {
    json!({
        "id": page.company.id,
        "name": page.company.name,
        "visibility": page.own.then(|| page.facts.visibility.name()),
        "isBP": page.facts.kind == CompanyKind::Partner,
        "creationDate": iso8601(page.company.created_ms),
        "isMonitorable": false,
    })
}
