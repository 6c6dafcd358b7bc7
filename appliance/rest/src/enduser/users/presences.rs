use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::people;
use axum::extract::State;
use domain::presence::Level;
use serde_json::{Value, json};

/// `GET enduser/v1.0/users/me/presences`: of each device, and what they add up to (C2).
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let (level, devices) = people::presences(&edge.app, &caller, &caller.user).await?;
    data(&presences(level, &devices))
}

/// The presence of a user: one level, and that of each device by its resource.
pub(crate) fn presences(level: Level, devices: &[(String, Level)]) -> Value {
    let device = |(resource, level): &(String, Level)| json!({ "resource": resource, "presence": level.name() });
    json!({ "presence": level.name(), "resources": devices.iter().map(device).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_and_their_sum_are_told_c2() {
        let devices = [(String::from("node_a"), Level::Dnd), (String::from("mobile_b"), Level::Away)];
        let expected = json!({
            "presence": "dnd",
            "resources": [
                { "resource": "node_a", "presence": "dnd" },
                { "resource": "mobile_b", "presence": "away" },
            ],
        });
        assert_eq!(presences(Level::Dnd, &devices), expected);
    }
}
