use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::poll::{self, Ballot};
use axum::extract::State;
use domain::poll::{ANSWERS_MAX, QUESTIONS_MAX};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// `PUT enduser/v1.0/polls/{poll}/vote` with `{votes: [{question, answers}]}`, places from 0; the answers are a list, or one.
pub(crate) async fn vote(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let id = ids.poll()?;
    poll::find(&edge.app, &caller, &id).await?;
    one(&poll::vote(&edge.app, &caller, &id, read(fields)?).await?)
}

fn read(mut fields: Fields) -> Result<Ballot, RestError> {
    let wrong = || RestError::invalid("votes", "expected [{question, answers}], each question once");
    let mut ballot = BTreeMap::new();
    for mut vote in fields.required_objects("votes", QUESTIONS_MAX)? {
        let question = vote.number("question")?.and_then(|place| usize::try_from(place).ok()).ok_or_else(wrong)?;
        let answers = match vote.into_map().remove("answers") {
            Some(Value::Array(answers)) if answers.len() <= ANSWERS_MAX => answers,
            Some(Value::Array(_)) | None => return Err(wrong()),
            Some(one) => vec![one],
        };
        let place = |answer: &Value| answer.as_u64().and_then(|place| usize::try_from(place).ok()).ok_or_else(wrong);
        let chosen = answers.iter().map(place).collect::<Result<BTreeSet<usize>, _>>()?;
        if ballot.insert(question, chosen).is_some() {
            return Err(wrong());
        }
    }
    Ok(Ballot(ballot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn votes_are_read_as_lists_and_as_single_places() {
        let ballot =
            read(fields(json!({"votes": [{"question": 1, "answers": [2, 0]}, {"question": 0, "answers": 1}]})));
        assert_eq!(ballot.ok(), Some(Ballot([(0, [1].into()), (1, [0, 2].into())].into())));
        for wrong in [
            json!({}),
            json!({"votes": {}}),
            json!({"votes": [7]}),
            json!({"votes": [{"question": 0}]}),
            json!({"votes": [{"answers": [0]}]}),
            json!({"votes": [{"question": -1, "answers": [0]}]}),
            json!({"votes": [{"question": 0, "answers": ["a"]}]}),
            json!({"votes": [{"question": 0, "answers": vec![0; ANSWERS_MAX + 1]}]}),
            json!({"votes": [{"question": 0, "answers": [0]}, {"question": 0, "answers": [1]}]}),
        ] {
            let refused = read(fields(wrong.clone()));
            assert!(matches!(refused, Err(RestError::Invalid { field: "votes" | "question", .. })), "{wrong}");
        }
    }
}
