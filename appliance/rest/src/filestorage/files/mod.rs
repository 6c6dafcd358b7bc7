//! File descriptors, in Rainbow's words.

pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod drop;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod received;
pub(crate) mod remove;
pub(crate) mod viewers;

use crate::answer::{Answer, data};
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::file::{File, FilePage, Filter, Grant, Made, Order, Sized, State, Thumbnails, Viewer};
use domain::clock::iso8601;
use serde_json::{Value, json};

/// A file in Rainbow's JSON.
pub(crate) fn descriptor(page: &FilePage, edge: &Edge) -> Value {
    let FilePage { file, grants } = page;
    let (is_clean, status) = match file.state {
        State::Announced => (None, "notScanned"),
        State::Held => (None, "pending"),
        State::Clean => (Some(true), "done"),
        State::Refused => (Some(false), "done"),
    };
    let uploaded = file.uploaded_ms.map(iso8601);
    json!({
        "id": file.id,
        "url": format!("{}/api/rainbow/fileserver/v1.0/files/{}", edge.base_url, file.id),
        "ownerId": file.owner,
        "fileName": file.name,
        "extension": file.extension,
        "typeMIME": file.kind,
        "size": file.size_bytes,
        "registrationDate": iso8601(file.announced_ms),
        "uploadedDate": uploaded,
        "dateToSort": uploaded.clone().unwrap_or_else(|| iso8601(file.announced_ms)),
        "viewers": grants.iter().map(viewer_json).collect::<Vec<_>>(),
        "isUploaded": matches!(file.state, State::Held | State::Clean),
        "isClean": is_clean,
        "avScanStatus": status,
        "avReport": file.finding,
        "md5sum": file.md5.as_deref().unwrap_or_default(),
        "thumbnail": thumbnail(file.thumbnails.as_ref(), |made| &made.small),
        "thumbnail500": thumbnail(file.thumbnails.as_ref(), |made| &made.large),
        "original_w": made(file).map(|made| made.width),
        "original_h": made(file).map(|made| made.height),
    })
}

fn made(file: &File) -> Option<&Made> {
    file.thumbnails.as_ref()?.made.as_ref()
}

fn thumbnail(of: Option<&Thumbnails>, which: fn(&Made) -> &Sized) -> Value {
    let wanted = of.map(|of| iso8601(of.wanted_ms));
    match of.and_then(|of| of.made.as_ref()) {
        None => json!({ "availableThumbnail": false, "wantThumbnailDate": wanted }),
        Some(made) => json!({
            "availableThumbnail": true,
            "wantThumbnailDate": wanted,
            "typeMIME": made.kind,
            "size": which(made).bytes,
            "md5sum": which(made).md5,
        }),
    }
}

fn viewer_json(grant: &Grant) -> Value {
    json!({ "viewerId": grant.viewer.id(), "type": grant.viewer.kind() })
}

fn one(edge: &Edge, page: &FilePage) -> Answer {
    data(&descriptor(page, edge))
}

/// `{viewerId, type}` of a body.
fn viewer(mut fields: crate::body::Fields) -> Result<Viewer, RestError> {
    let id = fields.required_text("viewerId")?;
    let kind = fields.text("type")?.unwrap_or_else(|| String::from("user"));
    Viewer::parse(&kind, &id).ok_or_else(|| RestError::invalid("viewerId", "expected an id, and a type user or room"))
}

/// What a list is asked for.
pub(crate) fn filter(query: &Query) -> Result<Filter, RestError> {
    let text = |key: &str| query.find(key).filter(|text| !text.is_empty()).map(str::to_owned);
    let uploaded = query.find("isUploaded").is_some().then(|| query.flag("isUploaded")).transpose()?;
    Ok(Filter {
        name: text("fileName"),
        extension: text("extension"),
        kind: text("typeMIME"),
        uploaded,
        viewer: text("viewerId"),
        owner: text("ownerId"),
        order: query.find("sortField").and_then(order),
        descending: query.find("sortOrder") == Some("-1"),
    })
}

/// Other fields than these order nothing.
fn order(field: &str) -> Option<Order> {
    match field {
        "fileName" => Some(Order::Name),
        "size" => Some(Order::Size),
        "typeMIME" | "extension" => Some(Order::Kind),
        "dateToSort" | "uploadedDate" | "registrationDate" => Some(Order::Date),
        _ => None,
    }
}
