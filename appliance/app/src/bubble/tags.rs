use super::read::described;
use super::{BubblePage, Change, Description, describe, permitted};
use crate::{App, AppError, Caller};
use domain::bubble::{Action, Bubble};
use domain::ids::BubbleId;
use domain::rights::Right;
use serde_json::{Value, json};

/// Most tags of one bubble, and most characters of one.
pub(super) const TAGS_MAX: usize = 20;
pub(super) const TAG_LENGTH_MAX: usize = 64;

/// A word by which clients sort bubbles, and how they show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The word.
    pub word: String,
    /// Its colour.
    pub color: Option<String>,
    /// A small picture before it.
    pub emoji: Option<String>,
}

impl Tag {
    /// A tag without colour and picture.
    #[must_use]
    pub fn plain(word: &str) -> Self {
        Self { word: word.to_owned(), color: None, emoji: None }
    }

    /// Reads a text, or an object with a `tag`, a `color` and an `emoji`.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        if let Some(word) = value.as_str() {
            return Some(Self::plain(word));
        }
        let field = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self { word: value["tag"].as_str()?.to_owned(), color: field("color"), emoji: field("emoji") })
    }

    pub(super) fn fits(&self) -> bool {
        let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.chars().count() <= TAG_LENGTH_MAX);
        (1..=TAG_LENGTH_MAX).contains(&self.word.chars().count()) && short(&self.color) && short(&self.emoji)
    }

    /// As it came: a text where there is nothing but the word.
    fn json(&self) -> Value {
        match (&self.color, &self.emoji) {
            (None, None) => json!(self.word),
            (color, emoji) => json!({ "tag": self.word, "color": color, "emoji": emoji }),
        }
    }
}

/// Tags as they stand in a bubble's row.
pub(super) fn written(tags: &[Tag]) -> String {
    Value::Array(tags.iter().map(Tag::json).collect()).to_string()
}

/// The tags of a bubble.
pub(super) fn tags_of(description: &Description) -> Vec<Tag> {
    let stored: Vec<Value> = serde_json::from_str(&description.tags).unwrap_or_default();
    stored.iter().filter_map(Tag::parse).collect()
}

/// The bubbles that the caller sees and that have one of these tags, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn tagged(app: &App, caller: &Caller, words: &[&str]) -> Result<Vec<BubblePage>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let mut of: Vec<(BubbleId, Bubble)> = {
        let relations = app.relations();
        relations.bubbles_of(&caller.user).map(|(id, bubble)| (id.clone(), bubble.clone())).collect()
    };
    of.sort_by(|(one, a), (other, b)| (a.created_ms, one).cmp(&(b.created_ms, other)));
    let mut found = described(app, caller, of).await?;
    found.retain(|page| tags_of(&page.description).iter().any(|tag| words.contains(&tag.word.as_str())));
    Ok(found)
}

/// Takes a tag off these bubbles, or off all that the caller may describe; answers those that had it.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for one of these bubbles: then nothing has changed.
pub async fn untag(app: &App, caller: &Caller, bubbles: &[BubbleId], word: &str) -> Result<Vec<BubblePage>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    for id in bubbles {
        permitted(app, caller, id, Action::Describe)?;
    }
    let mut changed = Vec::new();
    for page in tagged(app, caller, &[word]).await? {
        let wanted = if bubbles.is_empty() {
            page.bubble.needs(&caller.user, Action::Describe).is_ok()
        } else {
            bubbles.contains(&page.id)
        };
        if wanted {
            let change = Change { without_tag: Some(word.to_owned()), ..Change::default() };
            changed.push(describe(app, caller, &page.id, change).await?);
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_both_forms_and_kept_as_it_came_c3() {
        let given = [json!("plain"), json!({"tag": "shown", "color": "red", "emoji": "🚢"}), json!({"tag": "bare"})];
        let tags: Vec<Tag> = given.iter().filter_map(Tag::parse).collect();
        assert_eq!(
            written(&tags),
            json!(["plain", {"tag": "shown", "color": "red", "emoji": "🚢"}, "bare"]).to_string()
        );
        assert!(Tag::parse(&json!({"color": "red"})).is_none() && Tag::parse(&json!(7)).is_none());
        assert!(!Tag::plain("").fits() && !Tag::plain(&"x".repeat(TAG_LENGTH_MAX + 1)).fits());
    }
}
