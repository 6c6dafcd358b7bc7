//! XEP-0363: where a standard client puts a file that it wants to send. The address that it sends is the file's secret.

use super::disco::{INFO, field, info};
use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::{AppError, file};
use domain::percent;

pub(super) const NAMESPACE: &str = "urn:xmpp:http:upload:0";

/// What stands in an address as it is, besides letters and digits (RFC 3986, 2.3).
const UNRESERVED: &[u8] = b"-._~";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(363, "1.2.0", "HTTP File Upload")], server: &[], account: &[] };

/// The service, and the largest file (section 4).
pub(super) fn service_info<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut query = info(&[("store", "file", "Files")], [NAMESPACE, INFO].into_iter());
        if let Some(most) = file::size_limit_bytes(&session.app) {
            let form = Element::new("x", ns::DATA_FORM)
                .with_attribute("type", "result")
                .with_child(field("FORM_TYPE", NAMESPACE).with_attribute("type", "hidden"))
                .with_child(field("max-file-size", &most.to_string()));
            query.push_child(form);
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

/// Section 5. What the client says of the type is not believed.
pub(super) fn request<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let invalid = |field, why: &str| AppError::Invalid { field, why: why.to_owned() };
        let request = iq.child("request", NAMESPACE).ok_or_else(|| invalid("request", "is missing"))?;
        let name = request.attribute("filename").ok_or_else(|| invalid("filename", "is missing"))?;
        let size = request.attribute("size").and_then(|size| size.parse().ok());
        let size = size.filter(|size| *size > 0).ok_or_else(|| invalid("size", "expected bytes, 1 or more"))?;
        let slot = file::slot(&session.app, &session.caller, name.to_owned(), size).await?;
        let (base, name) = (session.app.address(), percent::encoded(name, UNRESERVED));
        let address = |token: &str| format!("{base}/api/edge/v1/files/slots/{token}/{name}");
        let place = |element, token: &str| Element::new(element, NAMESPACE).with_attribute("url", address(token));
        let answer =
            Element::new("slot", NAMESPACE).with_child(place("put", &slot.put)).with_child(place("get", &slot.get));
        Ok(vec![iq_result(iq).with_child(answer)])
    })
}
