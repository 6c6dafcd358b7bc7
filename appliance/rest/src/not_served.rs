//! What Rainbow serves and this box does not yet: the calls of its official SDK that no line of the table takes.
//!
//! They are routes as well: the same tree finds them, before a placeholder takes a word like `push-to-talk` for an id, and
//! a request costs nothing more. Whoever asked for what, the answer is the same, so it tells nothing of what there is.

use crate::edge::Edge;
use crate::error::RestError;
use crate::routes::{Access, RouteInfo, guarded};
use axum::Router;
use axum::extract::MatchedPath;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use std::collections::BTreeMap;

/// Every call: service, function, method, path; one a line.
const CALLS: &str = include_str!("rainbow_calls.tsv");

/// What is lacking at one path.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Lack {
    methods: MethodFilter,
    /// Whether the path takes other methods.
    served_path: bool,
}

/// The router, and what of Rainbow is not among its routes.
pub(crate) fn add(router: Router<Edge>, edge: &Edge, served: &[RouteInfo]) -> Router<Edge> {
    lacks(served).into_iter().fold(router, |router, (path, lack)| {
        let handlers = guarded(edge, Access::SignedIn, on(lack.methods, refuse));
        // What nobody asks of such an address is as unknown as the address was before.
        let unknown = || async { RestError::NotFound };
        router.route(&path, if lack.served_path { handlers } else { handlers.fallback(unknown) })
    })
}

async fn refuse(method: Method, path: MatchedPath) -> RestError {
    RestError::NotServed(format!("{method} {}", path.as_str()))
}

/// By path, in the words of the route that has it, where there is one.
fn lacks(served: &[RouteInfo]) -> BTreeMap<String, Lack> {
    let mut routes: BTreeMap<String, Vec<&RouteInfo>> = BTreeMap::new();
    for route in served {
        routes.entry(shape(route.path)).or_default().push(route);
    }
    let mut lacks: BTreeMap<String, Lack> = BTreeMap::new();
    for (method, path) in calls() {
        let here = routes.get(path).map_or(&[][..], Vec::as_slice);
        if here.iter().any(|route| route.method == method) {
            continue;
        }
        let methods = filter(method).expect("the SDK uses methods of HTTP alone");
        let path = here.first().map_or_else(|| path.replace("{}", "{id}"), |route| route.path.to_owned());
        let lack = lacks.entry(path).or_insert(Lack { methods, served_path: !here.is_empty() });
        lack.methods = lack.methods.or(methods);
    }
    lacks
}

fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    CALLS.lines().filter_map(|line| {
        let mut columns = line.split('\t').skip(2);
        Some((columns.next()?, columns.next()?))
    })
}

fn filter(method: &str) -> Option<MethodFilter> {
    MethodFilter::try_from(Method::from_bytes(method.as_bytes()).ok()?).ok()
}

/// A path without the names of its placeholders.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::routes;

    #[test]
    fn every_line_is_a_call_below_rainbows_root() {
        assert_eq!(calls().count(), CALLS.lines().count());
        assert!(calls().count() > 600);
        for (method, path) in calls() {
            assert!(filter(method).is_some(), "{method} {path}");
            assert!(path.starts_with("/api/rainbow/") && shape(path) == path, "{path}");
            assert!(!path.contains([' ', '?', '#', '%', '*']), "{path}");
        }
    }

    #[test]
    fn what_has_a_route_is_not_refused_and_what_has_none_is_j8() {
        let lacks = lacks(routes());
        let rooms = &lacks["/api/rainbow/room/v1.0/enduser/rooms/push-to-talk"];
        assert_eq!(*rooms, Lack { methods: MethodFilter::GET, served_path: false });
        assert!(lacks.values().any(|lack| lack.served_path), "some methods of paths that are served in part");
        assert!(!lacks.contains_key("/api/rainbow/admin/v1.0/companies/{company}"));
        assert!(!lacks.contains_key("/api/rainbow/enduser/v1.0/users/me"));
        assert!(!lacks.contains_key("/api/rainbow/enduser/v1.0/rooms/{room}"));
    }

    /// A word in place of an id is nobody's id; in place of a name it would hide what the box serves.
    #[test]
    fn nothing_refused_stands_where_a_served_route_takes_names() {
        for path in lacks(routes()).keys() {
            for route in routes().iter().filter(|route| route.path != path.as_str() && matches(route.path, path)) {
                let pairs = route.path.split('/').zip(path.split('/'));
                for (taken, _) in pairs.filter(|(taken, word)| taken != word && !word.starts_with('{')) {
                    let names = ["{jid}", "{part}", "{token}", "{step}", "{name}"];
                    assert!(!names.contains(&taken), "{path} hides {}", route.path);
                }
            }
        }
    }

    /// Whether a route would take requests to this path.
    fn matches(route: &str, path: &str) -> bool {
        let fits = |(taken, word): (&str, &str)| taken == word || taken.starts_with('{');
        route.split('/').count() == path.split('/').count() && route.split('/').zip(path.split('/')).all(fits)
    }
}
