//! Polls of bubbles (C3), as Rainbow's interface has them.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod turn;
pub(crate) mod vote;

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::Caller;
use app::bubble::poll::{self, PollPage, Question, Voter};
use domain::clock::iso8601;
use domain::poll::{ANSWERS_MAX, QUESTIONS_MAX};
use serde_json::{Value, json};

/// Whether a poll that is not anonymous is told with who chose what: `format` of a query.
fn is_full(query: &Query) -> Result<bool, RestError> {
    match query.find("format") {
        None | Some("small" | "medium") => Ok(false),
        Some("full") => Ok(true),
        Some(_) => Err(RestError::invalid("format", "expected small or full")),
    }
}

/// A poll in Rainbow's JSON; `voters` where it is told who chose what. Beside Rainbow's fields stand how many voted, when it
/// ends or ended, and what the caller chose.
fn poll_json(page: &PollPage, voters: Option<&[Voter]>) -> Value {
    let paper = &page.poll.paper;
    let question = |(place, question): (usize, &Question)| {
        let answer = |(answer, text): (usize, &String)| {
            let count = page.tally.0.get(place).and_then(|counts| counts.get(answer)).copied().unwrap_or(0);
            let chose = |voter: &Voter| voter.ballot.0.get(&place).is_some_and(|chosen| chosen.contains(&answer));
            match voters {
                None => json!({ "text": text, "voters": count }),
                Some(voters) => {
                    let votes: Vec<usize> =
                        voters.iter().enumerate().filter(|(_, voter)| chose(voter)).map(|(place, _)| place).collect();
                    json!({ "text": text, "voters": count, "votes": votes })
                }
            }
        };
        let answers: Vec<Value> = question.answers.iter().enumerate().map(answer).collect();
        json!({ "text": question.text, "multipleChoice": question.multiple, "answers": answers })
    };
    let own = page.own.iter().flat_map(|own| &own.0);
    let ends_ms = page.poll.ended_ms.into_iter().chain(page.poll.ends_ms()).min();
    let mut json = json!({
        "id": page.id,
        "roomId": page.bubble,
        "title": paper.title,
        "questions": paper.questions.iter().enumerate().map(question).collect::<Vec<_>>(),
        "anonymous": paper.anonymous,
        "duration": paper.duration_min,
        "creationDate": iso8601(page.poll.created_ms),
        "publishDate": page.poll.published_ms.map(iso8601),
        "endDate": ends_ms.map(iso8601),
        "state": page.state.name(),
        "voted": page.voted,
        "votersCount": page.voters,
        "ownVotes": own.map(|(question, answers)| json!({ "question": question, "answers": answers })).collect::<Vec<_>>(),
    });
    if let (Some(fields), Some(voters)) = (json.as_object_mut(), voters) {
        fields.insert(String::from("voters"), voters.iter().map(voter_json).collect());
    }
    json
}

fn voter_json(voter: &Voter) -> Value {
    json!({ "userId": voter.user, "email": voter.email, "firstName": voter.first_name, "lastName": voter.last_name })
}

/// Polls as they are asked for.
async fn many(edge: &Edge, caller: &Caller, pages: Vec<PollPage>, full: bool) -> Result<Vec<Value>, RestError> {
    if !full {
        return Ok(pages.iter().map(|page| poll_json(page, None)).collect());
    }
    let told = poll::with_voters(&edge.app, caller, pages).await?;
    let json = |(page, voters): &(PollPage, Vec<Voter>)| match page.poll.paper.anonymous {
        true => poll_json(page, None),
        false => poll_json(page, Some(voters)),
    };
    Ok(told.iter().map(json).collect())
}

/// A poll after a change.
fn one(page: &PollPage) -> Answer {
    data(&poll_json(page, None))
}

/// `questions` of a body: `[{text, multipleChoice, answers: [{text}]}]`.
fn questions(fields: &mut Fields) -> Result<Vec<Question>, RestError> {
    let question = |mut question: Fields| {
        let answers = question.required_objects("answers", ANSWERS_MAX)?;
        let answers = answers.into_iter().map(|mut answer| answer.required_text("text")).collect::<Result<_, _>>()?;
        let multiple = question.flag("multipleChoice")?.unwrap_or(false);
        Ok(Question { text: question.required_text("text")?, multiple, answers })
    };
    fields.required_objects("questions", QUESTIONS_MAX)?.into_iter().map(question).collect()
}

/// `duration` of a body, in minutes; what is too much stays too much.
fn duration(fields: &mut Fields) -> Result<Option<u32>, RestError> {
    Ok(fields.number("duration")?.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use crate::query::query;
    use app::bubble::poll::{Ballot, Paper, State};
    use domain::ids::{BubbleId, PollId, UserId};
    use domain::poll::{Poll, Tally};

    fn page() -> PollPage {
        let answers = vec![String::from("Pizza"), String::from("Soup")];
        let questions = vec![Question { text: String::from("What?"), multiple: false, answers }];
        let paper = Paper { title: String::from("Lunch"), questions, anonymous: false, duration_min: 2 };
        PollPage {
            id: PollId::parse("a00000000000000000000001").expect("an id"),
            bubble: BubbleId::parse("b00000000000000000000001").expect("an id"),
            poll: Poll { paper, created_ms: 0, published_ms: Some(1000), ended_ms: None },
            state: State::Published,
            tally: Tally(vec![vec![0, 1]]),
            voters: 1,
            voted: true,
            own: Some(Ballot([(0, [1].into())].into())),
        }
    }

    #[test]
    fn a_poll_has_the_fields_that_the_sdk_documents_c3() {
        let small = poll_json(&page(), None);
        let expected = json!({
            "id": "a00000000000000000000001", "roomId": "b00000000000000000000001", "title": "Lunch",
            "questions": [{"text": "What?", "multipleChoice": false,
                "answers": [{"text": "Pizza", "voters": 0}, {"text": "Soup", "voters": 1}]}],
            "anonymous": false, "duration": 2, "creationDate": "1970-01-01T00:00:00.000Z",
            "publishDate": "1970-01-01T00:00:01.000Z", "endDate": "1970-01-01T00:02:01.000Z", "state": "published",
            "voted": true, "votersCount": 1, "ownVotes": [{"question": 0, "answers": [1]}],
        });
        assert_eq!(small, expected);
        let voter = Voter {
            user: UserId::parse("d00000000000000000000001").expect("an id"),
            first_name: String::from("Ada"),
            last_name: String::from("L"),
            email: None,
            ballot: Ballot([(0, [1].into())].into()),
        };
        let full = poll_json(&page(), Some(&[voter]));
        assert_eq!(full["questions"][0]["answers"][1], json!({"text": "Soup", "voters": 1, "votes": [0]}));
        let person = json!({"userId": "d00000000000000000000001", "email": null, "firstName": "Ada", "lastName": "L"});
        assert_eq!(full["voters"], json!([person]));
    }

    #[test]
    fn questions_are_read_and_what_is_none_is_named() {
        let read = |value: Value| questions(&mut fields(value));
        let one = json!({"text": "What?", "multipleChoice": true, "answers": [{"text": "a"}, {"text": "b"}]});
        let answers = vec![String::from("a"), String::from("b")];
        let expected = Question { text: String::from("What?"), multiple: true, answers };
        assert_eq!(read(json!({ "questions": [one] })).ok(), Some(vec![expected]));
        let answer = json!([{"text": "a"}]);
        for (wrong, named) in [
            (json!({}), "questions"),
            (json!({"questions": "all"}), "questions"),
            (json!({"questions": [{"text": "a"}]}), "answers"),
            (json!({"questions": [{"text": "a", "answers": ["b"]}]}), "answers"),
            (json!({"questions": [{"text": 7, "answers": answer}]}), "text"),
            (json!({"questions": [{"text": "a", "multipleChoice": "no", "answers": answer}]}), "multipleChoice"),
        ] {
            let refused = read(wrong.clone());
            assert!(matches!(&refused, Err(RestError::Invalid { field, .. }) if *field == named), "{wrong}");
        }
        assert_eq!(duration(&mut fields(json!({"duration": 5_000_000_000_u64}))).ok(), Some(Some(u32::MAX)));
        let full = |text: &str| is_full(&query(text)).ok();
        assert_eq!(
            ["", "format=small", "format=full", "format=x"].map(full),
            [Some(false), Some(false), Some(true), None]
        );
    }
}
