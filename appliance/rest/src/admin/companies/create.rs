use super::{no_visible_by, one, visibility};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use app::company::{self, NewCompany};
use axum::extract::State;
use domain::company::CompanyKind;
use domain::visibility::Visibility;

/// `POST admin/v1.0/companies` with `{name, visibility, isBP}`. A partner's customer is linked to it by itself.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, fields: Fields) -> Answer {
    let id = company::create(&edge.app, &caller, read(fields)?).await?;
    one(&company::find_administered(&edge.app, &caller, &id).await?)
}

fn read(mut fields: Fields) -> Result<NewCompany, RestError> {
    no_visible_by(&fields)?;
    for name in ["organisationId", "bpId"] {
        if fields.has(name) {
            return Err(RestError::invalid(
                name,
                "is set by PUT admin/v1.0/companies/{company}, once the company is there",
            ));
        }
    }
    let partner = fields.flag("isBP")?.unwrap_or(false);
    Ok(NewCompany {
        name: fields.required_text("name")?,
        kind: if partner { CompanyKind::Partner } else { CompanyKind::EndCustomer },
        visibility: visibility(&mut fields)?.unwrap_or(Visibility::Public),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn a_new_company_is_a_public_customer_unless_said_otherwise_b2() {
        let new = read(fields(json!({"name": "X", "country": "Fr", "state": null, "offerType": "freemium"})));
        let new = new.expect("what the SDK sends");
        assert_eq!((new.kind, new.visibility), (CompanyKind::EndCustomer, Visibility::Public));
        let new = read(fields(json!({"name": "X", "isBP": true, "visibility": "closed"}))).expect("a partner");
        assert_eq!((new.kind, new.visibility), (CompanyKind::Partner, Visibility::Closed));
    }

    #[test]
    fn what_a_new_company_cannot_have_yet_is_refused_not_forgotten() {
        for body in [
            json!({"name": "X", "organisationId": "c00000000000000000000bad"}),
            json!({"name": "X", "bpId": "c00000000000000000000bad"}),
            json!({"name": "X", "visibleBy": []}),
            json!({"isBP": true}),
        ] {
            assert!(matches!(read(fields(body)), Err(RestError::Invalid { .. })));
        }
    }
}
