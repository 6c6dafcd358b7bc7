//! Successful answers. The SDK needs JSON in every one of them, and `total` in every list (protocol traps 2 and 5).

use crate::error::RestError;
use app::people::Window;
use axum::Json;
use serde_json::{Value, json};

/// What a handler answers.
pub(crate) type Answer = Result<Json<Value>, RestError>;

/// One thing.
pub(crate) fn data(value: &Value) -> Answer {
    Ok(Json(json!({ "data": value })))
}

/// A page of a list of `total` things.
///
/// The SDK asks on until what it collected equals `total`. It asks for the page at the number that it collected, so a
/// page beyond the end, as when the list became shorter meanwhile, answers just that number (decision 7).
pub(crate) fn list(items: &[Value], total: u64, window: Window) -> Answer {
    let total = total.max(u64::from(window.offset));
    Ok(Json(json!({ "data": items, "total": total, "limit": window.limit, "offset": window.offset })))
}

/// The page of a list that is held whole.
pub(crate) fn page_of<T>(all: Vec<T>, window: Window, json: impl FnMut(&T) -> Value) -> Answer {
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let (skip, take) = (usize::try_from(window.offset), usize::try_from(window.limit));
    let page = all.iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or(usize::MAX));
    list(&page.map(json).collect::<Vec<_>>(), total, window)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a list as the SDK does: asks at what it has, until that equals `total`.
    fn collect(lengths: &[usize]) -> usize {
        let mut collected = 0_usize;
        for length in lengths {
            let window = Window { offset: u32::try_from(collected).expect("small"), limit: 2 };
            let Json(page) = page_of((0..*length).collect(), window, |n| json!(n)).expect("a list never fails");
            collected += page["data"].as_array().expect("a list").len();
            if page["total"] == json!(collected) {
                return collected;
            }
        }
        panic!("still asking after {} pages", lengths.len());
    }

    #[test]
    fn a_client_that_pages_comes_to_an_end_decision_7() {
        assert_eq!(collect(&[0]), 0);
        assert_eq!(collect(&[2]), 2);
        assert_eq!(collect(&[5, 5, 5]), 5);
    }

    #[test]
    fn a_client_comes_to_an_end_when_the_list_shrinks_meanwhile_decision_7() {
        assert_eq!(collect(&[5, 5, 1]), 4);
        assert_eq!(collect(&[3, 0]), 2);
    }
}
