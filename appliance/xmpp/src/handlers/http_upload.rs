//! XEP-0363: where a standard client puts a file that it wants to send. The address that it sends is the file's secret.

use super::disco::{INFO, info};
use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::{AppError, file};

pub(super) const NAMESPACE: &str = "urn:xmpp:http:upload:0";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(363, "1.2.0", "HTTP File Upload")], server: &[], account: &[] };

/// The service, and the largest file (section 4).
pub(super) fn service_info<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut query = info(&[("store", "file", "Files")], [NAMESPACE, INFO].into_iter());
        if let Some(most) = file::size_limit_bytes(&session.app) {
            let field = |var: &str, value: &str| {
                let value = Element::new("value", ns::DATA_FORM).with_text(value);
                Element::new("field", ns::DATA_FORM).with_attribute("var", var).with_child(value)
            };
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
        let (base, name) = (session.app.address(), escaped(name));
        let address = |token: &str| format!("{base}/api/edge/v1/files/slots/{token}/{name}");
        let place = |element, token: &str| Element::new(element, NAMESPACE).with_attribute("url", address(token));
        let answer =
            Element::new("slot", NAMESPACE).with_child(place("put", &slot.put)).with_child(place("get", &slot.get));
        Ok(vec![iq_result(iq).with_child(answer)])
    })
}

/// A name in an address (RFC 3986, 2.3).
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
