use super::container_json;
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::container;
use axum::extract::State;

/// `GET enduser/v1.0/rooms/containers`: by name; with one `name` those in which a word begins so, with several those that are
/// called so, whatever the case.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let names: Vec<String> = query.all("name").map(str::to_lowercase).collect();
    let mut all = container::list(&edge.app, &caller).await?;
    all.retain(|page| is_named(&page.container.name, &names));
    answer::page_of(all, window, |page| container_json(page, &caller))
}

fn is_named(name: &str, wanted: &[String]) -> bool {
    let name = name.to_lowercase();
    match wanted {
        [] => true,
        [beginning] => name.starts_with(beginning.as_str()) || name.split(' ').any(|word| word.starts_with(beginning)),
        names => names.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_looked_for_at_the_beginning_of_words_and_several_are_whole_names() {
        let named = |name: &str, wanted: &[&str]| {
            is_named(name, &wanted.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        assert!(named("My first Container", &[]) && named("My first Container", &["cont"]));
        assert!(named("My first Container", &["my fir"]) && !named("My first Container", &["irst"]));
        assert!(named("One", &["one", "two"]) && !named("One more", &["one", "two"]));
    }
}
