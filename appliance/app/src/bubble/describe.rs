use super::tags::{TAG_LENGTH_MAX, TAGS_MAX, Tag, tags_of, written};
use super::{BubblePage, Description, find, permitted};
use crate::live::{Described, Notice, Push};
use crate::{App, AppError, Caller};
use domain::bubble::Action;
use domain::ids::{BubbleId, CompanyId};
use serde_json::{Map, Value};
use std::sync::Arc;
use store::bubble;

/// Most characters of a name or a topic.
const TEXT_LENGTH_MAX: usize = 255;
/// Most bytes of custom data or wishes.
const DATA_BYTES_MAX: usize = 16 * 1024;

/// What of a bubble is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, 1 to 255 characters.
    pub name: Option<String>,
    /// What it is about, at most 255 characters.
    pub topic: Option<String>,
    /// What clients keep with it, at most 16 KiB.
    pub custom_data: Option<Map<String, Value>>,
    /// Words by which clients sort it.
    pub tags: Option<Vec<Tag>>,
    /// A word by which it is sorted no longer.
    pub without_tag: Option<String>,
    /// Wishes that clients act on; those that are not given stay.
    pub wishes: Map<String, Value>,
}

fn text(field: &'static str, text: &str, least: usize) -> Result<String, AppError> {
    let text = text.trim().to_owned();
    if (least..=TEXT_LENGTH_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    let why = format!("expected {least} to {TEXT_LENGTH_MAX} characters, no control characters");
    Err(AppError::invalid(field, why))
}

fn data(field: &'static str, data: &Map<String, Value>) -> Result<String, AppError> {
    let written = serde_json::to_string(data).unwrap_or_default();
    if written.len() <= DATA_BYTES_MAX {
        return Ok(written);
    }
    Err(AppError::invalid(field, format!("at most {DATA_BYTES_MAX} bytes as JSON")))
}

/// A description with a change, if all of it keeps to the rules.
pub(super) fn checked(change: Change, mut to: Description) -> Result<Description, AppError> {
    if let Some(name) = change.name {
        to.name = text("name", &name, 1)?;
    }
    if let Some(topic) = change.topic {
        to.topic = text("topic", &topic, 0)?;
    }
    if let Some(custom) = change.custom_data {
        to.custom_data = data("customData", &custom)?;
    }
    if let Some(tags) = change.tags {
        if tags.len() > TAGS_MAX || !tags.iter().all(Tag::fits) {
            let why = format!("at most {TAGS_MAX} tags of 1 to {TAG_LENGTH_MAX} characters");
            return Err(AppError::invalid("tags", why));
        }
        to.tags = written(&tags);
    }
    if let Some(gone) = change.without_tag {
        let left: Vec<Tag> = tags_of(&to).into_iter().filter(|tag| tag.word != gone).collect();
        to.tags = written(&left);
    }
    if !change.wishes.is_empty() {
        let mut wishes: Map<String, Value> = serde_json::from_str(&to.wishes).unwrap_or_default();
        wishes.extend(change.wishes);
        to.wishes = data("settings", &wishes)?;
    }
    Ok(to)
}

/// Changes what a bubble is called, is about, keeps with it. Its members hear of it.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it, [`AppError::Forbidden`] for simple members; a text that breaks a rule.
pub async fn describe(app: &App, caller: &Caller, id: &BubbleId, change: Change) -> Result<BubblePage, AppError> {
    let company = permitted(app, caller, id, Action::Describe)?;
    rewrite(app, caller, (id, &company), change).await?;
    find(app, caller, id).await
}

/// As [`describe`], for who may.
pub(super) async fn rewrite(
    app: &App,
    caller: &Caller,
    (id, company): (&BubbleId, &CompanyId),
    change: Change,
) -> Result<(), AppError> {
    let of = id.clone();
    let (before, after) = app
        .company(company)
        .await?
        .write(move |c| {
            let (no, before) = bubble::find(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let after = checked(change, before.clone())?;
            bubble::update(c, no, &after)?;
            Ok::<_, AppError>((before, after))
        })
        .await?;
    let news = |old: &String, new: &String| (old != new).then(|| new.clone());
    let told = Described {
        bubble: id.clone(),
        name: news(&before.name, &after.name),
        topic: news(&before.topic, &after.topic),
        custom_data: news(&before.custom_data, &after.custom_data),
        avatar: None,
    };
    if before.topic != after.topic {
        app.live.tell_topic(id, &caller.user, &after.topic);
    }
    if before != after {
        tell(app, told);
    }
    Ok(())
}

/// Tells every member that a bubble presents itself in another way.
pub(super) fn tell(app: &App, told: Described) {
    let members: Vec<_> = {
        let relations = app.relations();
        relations.bubble(&told.bubble).into_iter().flat_map(|bubble| bubble.accepted().cloned()).collect()
    };
    let push = Push::Notice(Arc::new(Notice::Described(told)));
    members.iter().for_each(|member| app.live.push_all(member, &push));
}
