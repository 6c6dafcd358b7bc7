//! CycloneDX 1.6 as JSON.

use serde_json::{Value, json};

use super::component::{Component, Licence};
use super::stamp::Stamp;

/// What the list is of.
pub(crate) struct Subject {
    /// In CycloneDX's words.
    pub(crate) kind: &'static str,
    pub(crate) version: String,
    pub(crate) stamp: Stamp,
}

/// `components` in their final order.
pub(crate) fn write(subject: &Subject, components: &[Component]) -> String {
    let reference = format!("rainbow-edge@{}", subject.version);
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata(subject, &reference),
        "components": components.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies(&reference, components),
    });
    // A name for exactly this content, so that the same content has the same name.
    document["serialNumber"] = json!(format!("urn:uuid:{}", uuid(document.to_string().as_bytes())));
    format!("{document:#}\n")
}

fn metadata(subject: &Subject, reference: &str) -> Value {
    let mut metadata = json!({
        "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom", "version": env!("CARGO_PKG_VERSION") }] },
        "component": {
            "bom-ref": reference,
            "type": subject.kind,
            "name": "rainbow-edge",
            "version": subject.version,
            "licenses": [{ "expression": "Apache-2.0" }],
        },
    });
    if let Some(time) = &subject.stamp.time {
        metadata["timestamp"] = json!(time);
    }
    if let Some(commit) = &subject.stamp.commit {
        metadata["component"]["properties"] = json!([{ "name": "rainbow-edge:commit", "value": commit }]);
    }
    metadata
}

fn component(component: &Component) -> Value {
    let purl = component.purl.to_string();
    let mut value = json!({
        "bom-ref": purl,
        "type": component.kind,
        "name": component.purl.name,
        "version": component.purl.version,
        "purl": purl,
        "scope": if component.build_only { "excluded" } else { "required" },
    });
    if component.purl.namespace.starts_with('@') {
        value["group"] = json!(component.purl.namespace);
    }
    if let Some(supplier) = &component.supplier {
        value["supplier"] = json!({ "name": supplier });
    }
    if let Some(cpe) = &component.cpe {
        value["cpe"] = json!(cpe);
    }
    if let Some((algorithm, digest)) = &component.digest {
        value["hashes"] = json!([{ "alg": algorithm, "content": digest }]);
    }
    match &component.licence {
        Licence::Unknown => {}
        Licence::Expression(expression) => value["licenses"] = json!([{ "expression": expression }]),
        Licence::Names(names) => {
            value["licenses"] = names.iter().map(|name| json!({ "license": { "name": name } })).collect();
        }
    }
    if !component.properties.is_empty() {
        let all = component.properties.iter();
        value["properties"] = all.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    }
    value
}

/// The product uses its executables and every package that is not one of their crates. What Debian's packages use of one
/// another is left out: it is dpkg's to know.
fn dependencies(reference: &str, components: &[Component]) -> Value {
    let direct = components.iter().filter(|one| one.kind == "application" || ["deb", "npm"].contains(&&*one.purl.kind));
    let direct: Vec<String> = direct.map(|one| one.purl.to_string()).collect();
    let mut all = vec![json!({ "ref": reference, "dependsOn": direct })];
    let with_uses = components.iter().filter(|one| !one.uses.is_empty());
    all.extend(with_uses.map(|one| json!({ "ref": one.purl.to_string(), "dependsOn": one.uses })));
    Value::Array(all)
}

/// RFC 9562, version 8 (of one's own making): FNV-1a of the content. It names, and protects nothing.
fn uuid(content: &[u8]) -> String {
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let hash = content.iter().fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    let marked = hash & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
    let digits = format!("{marked:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_lists_name_follows_from_its_content_i6() {
        let name = uuid(b"a");
        assert_eq!(name, uuid(b"a"));
        assert_ne!(name, uuid(b"b"));
        let parts: Vec<usize> = name.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(name[14..].starts_with('8') && "89ab".contains(&name[19..20]), "{name}");
    }
}
