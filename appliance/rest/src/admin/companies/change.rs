use super::{no_visible_by, one, visibility};
use crate::admin::sharing;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::company::{self, CompanyChange};
use axum::extract::State;
use domain::ids::{CompanyId, OrganizationId};

/// `PUT admin/v1.0/companies/{company}`: what the body does not give stays; `null` for `organisationId` or `bpId` ends
/// that bond.
pub(crate) async fn change(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let id = ids.company()?;
    company::find_administered(&edge.app, &caller, &id).await?;
    one(&company::change(&edge.app, &caller, &id, read(fields)?).await?)
}

fn read(mut fields: Fields) -> Result<CompanyChange, RestError> {
    no_visible_by(&fields)?;
    let organization = fields.text_or_none("organisationId")?.map(|id| id.map(|id| OrganizationId::parse(&id)));
    let partner = fields.text_or_none("bpId")?.map(|id| id.map(|id| CompanyId::parse(&id)));
    Ok(CompanyChange {
        name: fields.text("name")?,
        shares_files: sharing(&mut fields)?,
        visibility: visibility(&mut fields)?,
        organization: organization
            .map(Option::transpose)
            .transpose()
            .map_err(|error| RestError::invalid("organisationId", error.to_string()))?,
        partner: partner
            .map(Option::transpose)
            .transpose()
            .map_err(|error| RestError::invalid("bpId", error.to_string()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use domain::visibility::Visibility;
    use serde_json::json;

    const ID: &str = "c00000000000000000000bad";

    #[test]
    fn what_is_not_given_stays_and_null_ends_a_bond_b4_r1() {
        let nothing = read(fields(json!({"status": "active", "country": "FRA"}))).expect("fields of other clients");
        assert!(nothing.name.is_none() && nothing.visibility.is_none());
        assert!(nothing.organization.is_none() && nothing.partner.is_none());
        let ended = read(fields(json!({"organisationId": null, "bpId": null}))).expect("a change");
        assert!(matches!((ended.organization, ended.partner), (Some(None), Some(None))));
        let set = read(fields(json!({"organisationId": ID, "bpId": ID, "visibility": "organization"})));
        let set = set.expect("a change");
        assert!(matches!((set.organization, set.partner), (Some(Some(_)), Some(Some(_)))));
        assert_eq!(set.visibility, Some(Visibility::Organization));
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        for name in ["organisationId", "bpId", "name", "visibility", "visibleBy"] {
            let refused = read(fields(json!({ name: 7 })));
            assert!(matches!(refused, Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }
}
