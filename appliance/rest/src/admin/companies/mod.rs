//! Companies as their administrators see them (R1, B2-B5).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod erase;
pub(crate) mod hide_from;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod show_to;

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::error::RestError;
use app::company::CompanyPage;
use domain::clock::iso8601;
use domain::company::CompanyKind;
use domain::visibility::Visibility;
use serde_json::{Value, json};

/// A company as who administers it sees it.
fn company_json(page: &CompanyPage) -> Value {
    json!({
        "id": page.company.id,
        "name": page.company.name,
        "visibility": page.facts.visibility.name(),
        "visibleBy": page.visible_by,
        "organisationId": page.facts.organization,
        "fileSharingCustomisation": crate::admin::customisation(page.company.shares_files),
        "isBP": page.facts.kind == CompanyKind::Partner,
        "bpId": page.facts.partner,
        "isDefault": page.facts.kind == CompanyKind::Default,
        "creationDate": iso8601(page.company.created_ms),
    })
}

fn one(page: &CompanyPage) -> Answer {
    data(&company_json(page))
}

/// `visibility` of a body.
fn visibility(fields: &mut Fields) -> Result<Option<Visibility>, RestError> {
    let Some(name) = fields.text("visibility")? else { return Ok(None) };
    let why = "expected public, private, organization, closed or isolated";
    Visibility::parse(&name).map(Some).ok_or_else(|| RestError::invalid("visibility", why))
}

/// Who is let see whom is an act of its own, never a side effect of a whole company sent back (B5).
fn no_visible_by(fields: &Fields) -> Result<(), RestError> {
    if fields.has("visibleBy") {
        let why = "is set by POST and DELETE admin/v1.0/companies/{company}/visible-by/{other}";
        return Err(RestError::invalid("visibleBy", why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;

    #[test]
    fn a_mode_is_read_by_its_name_and_no_other_is_taken_b2() {
        for (mode, name) in Visibility::NAMES {
            assert_eq!(visibility(&mut fields(json!({ "visibility": name }))).ok(), Some(Some(mode)));
        }
        assert!(matches!(visibility(&mut fields(json!({}))), Ok(None)));
        for wrong in [json!("hidden"), json!("same_than_company"), json!(7)] {
            assert!(visibility(&mut fields(json!({ "visibility": wrong }))).is_err());
        }
    }

    #[test]
    fn visible_by_is_refused_with_the_way_to_set_it_b5() {
        let refused = no_visible_by(&fields(json!({"visibleBy": []})));
        assert!(refused.is_err_and(|refusal| refusal.to_string().contains("/visible-by/")));
        assert!(no_visible_by(&fields(json!({"visibleBy": null}))).is_ok());
    }
}
