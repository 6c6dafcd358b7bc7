//! What was answered so far.

pub(crate) mod put;
pub(crate) mod read;

use crate::answer::{Answer, data};
use crate::edge::Edge;
use app::setup::{self, Answers, Setup};
use serde_json::json;

fn so_far(edge: &Edge, going_on: &Setup) -> Answer {
    let Answers { step, answers, suggestions } = setup::answers(&edge.app, going_on);
    data(&json!({ "step": step, "answers": answers, "suggestions": suggestions }))
}
