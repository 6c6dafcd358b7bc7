//! The table of routes. A new endpoint is a file with its handler and a line here.

use crate::edge::Edge;
use crate::enduser::{companies, conversations, settings, users};
use crate::error::RestError;
use crate::{admin, authentication, caller, empty_list, envelope, ping};
use app::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde::Serialize;
use std::sync::Arc;

/// Whom a route serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever has signed in; what of, the verb says.
    SignedIn,
    /// Whoever has signed in and administers what is asked for; whether that is so, the verb says.
    Administrator,
}

/// One line of the table, as it is shown to people and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RouteInfo {
    /// HTTP method.
    pub method: &'static str,
    /// Path with `{placeholders}`.
    pub path: &'static str,
    /// Whom it serves.
    pub access: Access,
    /// A list that the SDK reads and whose feature comes later: it is always empty.
    pub empty_by_design: bool,
}

macro_rules! table {
    (@empty) => { false };
    (@empty empty_by_design) => { true };
    ($($method:ident $path:literal $access:ident $($handler:ident)::+ $(($note:ident))?;)*) => {
        const TABLE: &[RouteInfo] = &[$(RouteInfo {
            method: stringify!($method),
            path: concat!("/api/rainbow/", $path),
            access: Access::$access,
            empty_by_design: table!(@empty $($note)?),
        }),*];

        fn table_router(edge: &Edge) -> Router<Edge> {
            Router::new()$(.route(
                concat!("/api/rainbow/", $path),
                guarded(edge, Access::$access, on(MethodFilter::$method, $($handler)::+)),
            ))*
        }
    };
}

table! {
    GET    "ping"                                                    Public        ping::read;

    GET    "authentication/v1.0/urls"                                Public        authentication::urls::list_urls;
    GET    "authentication/v1.0/login"                               Public        authentication::login::log_in;
    GET    "authentication/v1.0/renew"                               SignedIn      authentication::renew::renew;
    GET    "authentication/v1.0/logout"                              SignedIn      authentication::logout::log_out;
    GET    "authentication/v1.0/validator"                           SignedIn      authentication::validator::validate;

    GET    "enduser/v1.0/companies/{company}"                        SignedIn      companies::read::read;
    GET    "enduser/v1.0/settings/apis"                              SignedIn      settings::apis::read;

    GET    "enduser/v1.0/users/me"                                   SignedIn      users::me::read;
    GET    "enduser/v1.0/users/me/presences"                         SignedIn      users::presences::read;
    GET    "enduser/v1.0/users/networks"                             SignedIn      users::networks::list;
    GET    "enduser/v1.0/users/jids/{jid}"                           SignedIn      users::by_jid::read;
    POST   "enduser/v1.0/users/jids"                                 SignedIn      users::by_jids::find;
    POST   "enduser/v1.0/users/ids"                                  SignedIn      users::by_ids::find;
    POST   "enduser/v1.0/users/loginEmails"                          SignedIn      users::by_emails::find;
    GET    "enduser/v1.0/users/{uid}"                                SignedIn      users::read::read;
    PUT    "enduser/v1.0/users/{uid}"                                SignedIn      users::change::change;
    GET    "enduser/v1.0/users/{uid}/settings"                       SignedIn      users::settings::read;
    PUT    "enduser/v1.0/users/{uid}/settings"                       SignedIn      users::settings::change;
    GET    "enduser/v1.0/users/{uid}/profiles"                       SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/profiles/features"              SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/groups"                         SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/todos"                          SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/favorites"                      SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/invitations/sent"               SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/invitations/received"           SignedIn      empty_list::own (empty_by_design);

    GET    "enduser/v1.0/users/{uid}/conversations"                  SignedIn      conversations::list::list;
    POST   "enduser/v1.0/users/{uid}/conversations"                  SignedIn      conversations::open::open;
    GET    "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::read::read;
    PUT    "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::change::change;
    DELETE "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::remove::remove;
    PUT    "enduser/v1.0/users/{uid}/conversations/{conversation}/markallread"
                                                                     SignedIn      conversations::mark_all_read::mark;

    GET    "enduser/v1.0/rooms"                                      SignedIn      empty_list::shared (empty_by_design);
    GET    "enduser/v1.0/bots"                                       SignedIn      empty_list::shared (empty_by_design);
    GET    "channels/v1.0/channels"                                  SignedIn      empty_list::shared (empty_by_design);
    GET    "filestorage/v1.0/files"                                  SignedIn      empty_list::shared (empty_by_design);
    GET    "filestorage/v1.0/files/viewers/{uid}"                    SignedIn      empty_list::own (empty_by_design);

    GET    "admin/v1.0/users"                                        Administrator admin::users::list::list;
    POST   "admin/v1.0/users"                                        Administrator admin::users::create::create;
    GET    "admin/v1.0/users/{uid}"                                  Administrator admin::users::read::read;
    PUT    "admin/v1.0/users/{uid}"                                  Administrator admin::users::change::change;
    DELETE "admin/v1.0/users/{uid}"                                  Administrator admin::users::remove::remove;
    GET    "admin/v1.0/users/{uid}/presences"                        Administrator admin::users::presences::read;
}

/// Every route.
#[must_use]
pub fn routes() -> &'static [RouteInfo] {
    TABLE
}

/// The routes over an application; `base_url` is `https://HOST[:PORT]`, by which clients reach the box.
///
/// Unknown addresses are answered too. A request may carry an [`app::Visitor`] among its extensions; it is told when
/// the client turns out to be known.
pub fn router(app: Arc<App>, base_url: &str) -> Router {
    let edge = Edge::new(app, base_url);
    table_router(&edge)
        .fallback(|| async { RestError::NotFound("this address") })
        .layer(from_fn_with_state(edge.clone(), envelope::wrap))
        .with_state(edge)
}

/// Nobody reaches a handler of a route that is not public: the table decides, whatever the handler looks at.
fn guarded(edge: &Edge, access: Access, handlers: MethodRouter<Edge>) -> MethodRouter<Edge> {
    match access {
        Access::Public => handlers,
        Access::SignedIn | Access::Administrator => {
            handlers.route_layer(from_fn_with_state(edge.clone(), caller::require))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::PLACEHOLDERS;
    use std::collections::BTreeSet;

    #[test]
    fn no_route_stands_twice_in_the_table() {
        let lines: BTreeSet<(&str, &str)> = routes().iter().map(|route| (route.method, route.path)).collect();
        assert_eq!(lines.len(), routes().len());
    }

    #[test]
    fn every_placeholder_is_one_that_handlers_read() {
        for route in routes() {
            for segment in route.path.split('/').filter(|segment| segment.contains(['{', '}'])) {
                let name = segment.trim_start_matches('{').trim_end_matches('}');
                assert!(PLACEHOLDERS.contains(&name), "{}", route.path);
            }
        }
    }

    #[test]
    fn only_ping_and_the_way_in_are_public_b1() {
        let public: Vec<&str> =
            routes().iter().filter(|route| route.access == Access::Public).map(|route| route.path).collect();
        let expected =
            ["/api/rainbow/ping", "/api/rainbow/authentication/v1.0/urls", "/api/rainbow/authentication/v1.0/login"];
        assert_eq!(public, expected);
    }

    #[test]
    fn administration_is_for_administrators_and_empty_lists_are_read_only_a8() {
        for route in routes() {
            let portal_of_admins = route.path.starts_with("/api/rainbow/admin/");
            assert_eq!(route.access == Access::Administrator, portal_of_admins, "{}", route.path);
            assert!(!route.empty_by_design || route.method == "GET", "{}", route.path);
        }
    }
}
