use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::surroundings::{Disk, Service, Surroundings};
use app::installation::{self, Health};
use axum::extract::State;
use domain::clock::iso8601;
use serde_json::{Value, json};

/// `GET /api/edge/v1/health`: how the box is, for its owner.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    // Whether the caller may know is decided before anything is measured.
    let health = installation::owners_health(&edge.app, &caller).await?;
    let around = edge.look.as_ref().ok_or(RestError::NotFound)?().await;
    let mut told = told(&health, &around);
    told["address"] = json!(*edge.base_url);
    told["name"] = json!(edge.app.name());
    told["domain"] = json!(edge.app.domain());
    data(&told)
}

fn told(health: &Health, around: &Surroundings) -> Value {
    let service = |of: &Service| {
        let state = if of.running { "running" } else { "away" };
        json!({ "name": of.name, "state": state, "detail": of.detail })
    };
    let disk =
        |of: Disk| json!({ "totalBytes": of.total_bytes, "freeBytes": of.free_bytes, "dataBytes": of.data_bytes });
    let recovered = health.recovered.iter().map(
        |of| json!({ "database": of.database, "commits": of.commits, "frames": of.frames, "tornBytes": of.torn_bytes }),
    );
    json!({
        "version": around.version,
        "startDate": iso8601(around.started_ms),
        "services": around.services.iter().map(service).collect::<Vec<_>>(),
        "disk": around.disk.map(disk),
        "certificate": {
            "kind": around.certificate.kind,
            "names": around.certificate.names,
            "expirationDate": iso8601(around.certificate.expires_ms),
            "fingerprint": around.certificate.fingerprint,
            "warnings": around.certificate.warnings,
        },
        "vault": {
            "algorithm": around.algorithm,
            "acceleration": around.acceleration,
            "sealMibPerS": around.speed.map(|speed| speed.seal_mib_per_s),
            "openMibPerS": around.speed.map(|speed| speed.open_mib_per_s),
        },
        "companies": health.companies,
        "users": health.users,
        "devices": health.devices,
        "recovered": recovered.collect::<Vec<_>>(),
        "warnings": around.warnings,
    })
}
