use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::query::Query;
use app::bubble::{self, Came, REACHES_MAX, Reach};
use axum::extract::State;
use domain::ids::{ArchiveId, UserId};
use serde_json::{Value, json};

/// `GET /api/edge/v1/rooms/{room}/readers?message=PLACE&message=PLACE`: how many have received and read each of these messages
/// of the caller's, with `format=full` also who.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let room = ids.room()?;
    let places = places(&query)?;
    let reaches = bubble::reaches(&edge.app, &caller, &room, places).await?;
    let full = query.find("format") == Some("full");
    data(&reaches.iter().map(|reach| reach_json(reach, full)).collect())
}

fn places(query: &Query) -> Result<Vec<ArchiveId>, RestError> {
    let wrong = || RestError::invalid("message", format!("expected at most {REACHES_MAX} places of the archive"));
    let places = query.all("message").map(ArchiveId::parse).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    if places.len() <= REACHES_MAX { Ok(places) } else { Err(wrong()) }
}

fn reach_json(reach: &Reach, full: bool) -> Value {
    let came = |least: Came| reach.people.iter().filter(move |(_, came)| *came >= least);
    let mut json = json!({
        "message": reach.place.to_string(),
        "of": reach.people.len(),
        "received": came(Came::Received).count(),
        "read": came(Came::Read).count(),
    });
    if full {
        let person = |(user, came): &(UserId, Came)| {
            let state = match came {
                Came::NotYet => "sent",
                Came::Received => "received",
                Came::Read => "read",
            };
            json!({ "userId": user, "state": state })
        };
        json["people"] = reach.people.iter().map(person).collect();
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::query;

    #[test]
    fn places_are_read_and_bounded_e5() {
        let read = |text: &str| places(&query(text)).ok();
        assert_eq!(read("message=a1f&message=a20"), Some(vec![ArchiveId(0x1f), ArchiveId(0x20)]));
        let many = |count: usize| vec!["message=a1"; count].join("&");
        assert_eq!(read(&many(REACHES_MAX)).map(|places| places.len()), Some(REACHES_MAX));
        assert_eq!(read(""), Some(Vec::new()));
        for wrong in ["message=", "message=7", "message=a1&message=x", &many(REACHES_MAX + 1)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn who_has_read_a_message_has_received_it_too() {
        let user = |last: u8| UserId::parse(&format!("d0000000000000000000000{last}")).expect("an id");
        let people = vec![(user(1), Came::NotYet), (user(2), Came::Read), (user(3), Came::Received)];
        let reach = Reach { place: ArchiveId(0x1f), people };
        assert_eq!(reach_json(&reach, false), json!({"message": "a1f", "of": 3, "received": 2, "read": 1}));
        let full = reach_json(&reach, true);
        assert_eq!(full["people"][1], json!({"userId": user(2), "state": "read"}));
    }
}
