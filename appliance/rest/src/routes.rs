//! The table of routes. A new endpoint is a file with its handler and a line here.

use crate::edge::Edge;
use crate::edge_v1::push::subscriptions;
use crate::edge_v1::{application_passwords, blocklist, setup};
use crate::enduser::{
    companies, conversations, favorites, groups, ims, invitations, pins, polls, rooms, settings, users,
};
use crate::error::RestError;
use crate::fileserver::files as fileserver_files;
use crate::filestorage::files as filestorage_files;
use crate::surroundings::Look;
use crate::{
    about, admin, authentication, caller, edge_v1, empty_list, envelope, fileserver, filestorage, geolocation,
    not_served, ping, room, search,
};
use app::App;
use app::setup::Setup;
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
    /// Whoever has entered the code of a setup; refused to everybody on a box that is set up.
    Setup,
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
    ($($below:literal {$($method:ident $path:literal $access:ident $($handler:ident)::+ $(($note:ident))?;)*})*) => {
        const TABLE: &[RouteInfo] = &[$($(RouteInfo {
            method: stringify!($method),
            path: concat!($below, $path),
            access: Access::$access,
            empty_by_design: table!(@empty $($note)?),
        },)*)*];

        /// The lines that `serves` picks by their path.
        fn table_router(edge: &Edge, serves: fn(&str) -> bool) -> Router<Edge> {
            let lines: Vec<(&str, MethodRouter<Edge>)> = vec![$($((
                concat!($below, $path),
                guarded(edge, Access::$access, on(MethodFilter::$method, $($handler)::+)),
            ),)*)*];
            let served = lines.into_iter().filter(|(path, _)| serves(path));
            served.fold(Router::new(), |router, (path, handlers)| router.route(path, handlers))
        }
    };
}

table! {
"/api/rainbow/" {
    GET    "ping"                                                    Public        ping::read;

    GET    "authentication/v1.0/about"                               SignedIn      about::read;
    GET    "enduser/v1.0/about"                                      SignedIn      about::read;
    GET    "telephony/v1.0/about"                                    SignedIn      about::read;
    GET    "admin/v1.0/about"                                        SignedIn      about::read;
    GET    "channels/v1.0/about"                                     SignedIn      about::read;
    GET    "applications/v1.0/about"                                 SignedIn      about::read;
    GET    "room/v1.0/about"                                         SignedIn      about::read;

    GET    "authentication/v1.0/urls"                                Public        authentication::urls::list_urls;
    GET    "authentication/v1.0/login"                               Public        authentication::login::log_in;
    GET    "authentication/v1.0/renew"                               SignedIn      authentication::renew::renew;
    GET    "authentication/v1.0/logout"                              SignedIn      authentication::logout::log_out;
    GET    "authentication/v1.0/validator"                           SignedIn      authentication::validator::validate;

    GET    "search/v1.0/users"                                       SignedIn      search::users::find::find;

    GET    "enduser/v1.0/companies"                                  SignedIn      companies::list::list;
    GET    "enduser/v1.0/companies/{company}"                        SignedIn      companies::read::read;
    GET    "enduser/v1.0/settings/apis"                              SignedIn      settings::apis::read;
    GET    "enduser/v1.0/settings/iceservers"                        SignedIn      geolocation::ice_servers::list;
    GET    "geolocation/v1.0/settings/iceservers"                    SignedIn      geolocation::ice_servers::list;

    GET    "enduser/v1.0/users/me"                                   SignedIn      users::me::read;
    GET    "enduser/v1.0/users/me/presences"                         SignedIn      users::presences::read;
    GET    "enduser/v1.0/users/networks"                             SignedIn      users::networks::list;
    DELETE "enduser/v1.0/users/networks/{uid}"                       SignedIn      users::leave::leave;
    GET    "enduser/v1.0/users/jids/{jid}"                           SignedIn      users::by_jid::read;
    POST   "enduser/v1.0/users/jids"                                 SignedIn      users::by_jids::find;
    POST   "enduser/v1.0/users/ids"                                  SignedIn      users::by_ids::find;
    POST   "enduser/v1.0/users/loginEmails"                          SignedIn      users::by_emails::find;
    POST   "enduser/v1.0/users/self-register"                        Public        users::self_register::register;
    GET    "enduser/v1.0/users/{uid}"                                SignedIn      users::read::read;
    PUT    "enduser/v1.0/users/{uid}"                                SignedIn      users::change::change;
    GET    "enduser/v1.0/users/{uid}/settings"                       SignedIn      users::settings::read;
    PUT    "enduser/v1.0/users/{uid}/settings"                       SignedIn      users::settings::change;
    GET    "enduser/v1.0/users/{uid}/custom-status"                  SignedIn      users::custom_status::read;
    POST   "enduser/v1.0/users/{uid}/custom-status"                  SignedIn      users::custom_status::set;
    DELETE "enduser/v1.0/users/{uid}/custom-status"                  SignedIn      users::custom_status::remove;
    GET    "enduser/v1.0/users/{uid}/profiles"                       SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/profiles/features"              SignedIn      empty_list::own (empty_by_design);
    GET    "enduser/v1.0/users/{uid}/todos"                          SignedIn      empty_list::own (empty_by_design);

    POST   "enduser/v1.0/users/{uid}/invitations"                    SignedIn      invitations::send::send;
    POST   "enduser/v1.0/users/{uid}/invitations/bulk"               SignedIn      invitations::send_many::send;
    GET    "enduser/v1.0/users/{uid}/invitations/sent"               SignedIn      invitations::list::sent;
    GET    "enduser/v1.0/users/{uid}/invitations/received"           SignedIn      invitations::list::received;
    GET    "enduser/v1.0/users/{uid}/invitations/{invitation}"       SignedIn      invitations::read::read;
    DELETE "enduser/v1.0/users/{uid}/invitations/{invitation}"       SignedIn      invitations::remove::remove;
    POST   "enduser/v1.0/users/{uid}/invitations/{invitation}/accept" SignedIn      invitations::accept::accept;
    POST   "enduser/v1.0/users/{uid}/invitations/{invitation}/cancel" SignedIn      invitations::cancel::cancel;
    POST   "enduser/v1.0/users/{uid}/invitations/{invitation}/decline" SignedIn      invitations::decline::decline;
    POST   "enduser/v1.0/users/{uid}/invitations/{invitation}/re-send"
                                                                     SignedIn      invitations::send_again::send_again;

    GET    "enduser/v1.0/users/{uid}/groups"                         SignedIn      groups::list::list;
    POST   "enduser/v1.0/users/{uid}/groups"                         SignedIn      groups::create::create;
    GET    "enduser/v1.0/users/{uid}/groups/{group}"                 SignedIn      groups::read::read;
    PUT    "enduser/v1.0/users/{uid}/groups/{group}"                 SignedIn      groups::change::change;
    DELETE "enduser/v1.0/users/{uid}/groups/{group}"                 SignedIn      groups::remove::remove;
    POST   "enduser/v1.0/users/{uid}/groups/{group}/users/{member}"  SignedIn      groups::add_member::add;
    DELETE "enduser/v1.0/users/{uid}/groups/{group}/users/{member}"  SignedIn      groups::remove_member::remove;

    GET    "enduser/v1.0/users/{uid}/favorites"                      SignedIn      favorites::list::list;
    POST   "enduser/v1.0/users/{uid}/favorites"                      SignedIn      favorites::put::put;
    GET    "enduser/v1.0/users/{uid}/favorites/peers/{member}/check" SignedIn      favorites::check::check;
    GET    "enduser/v1.0/users/{uid}/favorites/{favorite}"           SignedIn      favorites::read::read;
    PUT    "enduser/v1.0/users/{uid}/favorites/{favorite}"           SignedIn      favorites::reorder::reorder;
    DELETE "enduser/v1.0/users/{uid}/favorites/{favorite}"           SignedIn      favorites::remove::remove;

    GET    "enduser/v1.0/users/{uid}/conversations"                  SignedIn      conversations::list::list;
    POST   "enduser/v1.0/users/{uid}/conversations"                  SignedIn      conversations::open::open;
    GET    "enduser/v1.0/users/{uid}/conversations/search"           SignedIn      conversations::search::count::count;
    GET    "enduser/v1.0/users/{uid}/conversations/search/hits"      SignedIn      conversations::search::hits::find;
    GET    "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::read::read;
    PUT    "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::change::change;
    DELETE "enduser/v1.0/users/{uid}/conversations/{conversation}"   SignedIn      conversations::remove::remove;
    PUT    "enduser/v1.0/users/{uid}/conversations/{conversation}/markallread"
                                                                     SignedIn      conversations::mark_all_read::mark;
    POST   "enduser/v1.0/users/{uid}/conversations/{conversation}/bookmark"
                                                                     SignedIn      conversations::bookmark::set;
    DELETE "enduser/v1.0/users/{uid}/conversations/{conversation}/bookmark"
                                                                     SignedIn      conversations::bookmark::remove;
    POST   "enduser/v1.0/users/{uid}/ims"                            SignedIn      ims::find::find;
    GET    "enduser/v1.0/users/{uid}/pins/{kind}/{peer}"             SignedIn      pins::list::list;
    POST   "enduser/v1.0/users/{uid}/pins/{kind}/{peer}"             SignedIn      pins::add::add;
    GET    "enduser/v1.0/users/{uid}/pins/{kind}/{peer}/{pin}"       SignedIn      pins::read::read;
    PUT    "enduser/v1.0/users/{uid}/pins/{kind}/{peer}/{pin}"       SignedIn      pins::change::change;
    DELETE "enduser/v1.0/users/{uid}/pins/{kind}/{peer}/{pin}"       SignedIn      pins::remove::remove;

    GET    "enduser/v1.0/users/{uid}/public-links"                   SignedIn      rooms::public_links::list;
    POST   "enduser/v1.0/users/{uid}/public-links/bind"              SignedIn      rooms::public_links::bind;
    PUT    "enduser/v1.0/users/{uid}/public-links/reset"             SignedIn      rooms::public_links::reset;
    PUT    "enduser/v1.0/users/{uid}/public-links/unbind"            SignedIn      rooms::public_links::unbind;

    GET    "enduser/v1.0/rooms"                                      SignedIn      rooms::list::list;
    POST   "enduser/v1.0/rooms"                                      SignedIn      rooms::create::create;
    POST   "enduser/v1.0/rooms/ids"                                  SignedIn      rooms::by_ids::find;
    GET    "enduser/v1.0/rooms/jids"                                 SignedIn      rooms::jids::list;
    GET    "enduser/v1.0/rooms/jids/{jid}"                           SignedIn      rooms::by_jid::read;
    POST   "enduser/v1.0/rooms/open-invites"                         SignedIn      rooms::open_invites::come;
    GET    "enduser/v1.0/rooms/open-invites/validate"                Public        rooms::open_invites::validate;
    GET    "enduser/v1.0/rooms/consumption"                          SignedIn      rooms::consumption::read;
    GET    "enduser/v1.0/rooms/containers"                           SignedIn      rooms::containers::list::list;
    POST   "enduser/v1.0/rooms/containers/"                          SignedIn      rooms::containers::create::create;
    GET    "enduser/v1.0/rooms/containers/{container}"               SignedIn      rooms::containers::read::read;
    PUT    "enduser/v1.0/rooms/containers/{container}"               SignedIn      rooms::containers::change::change;
    DELETE "enduser/v1.0/rooms/containers/{container}"               SignedIn      rooms::containers::remove::remove;
    PUT    "enduser/v1.0/rooms/containers/{container}/add"           SignedIn      rooms::containers::fill::add;
    PUT    "enduser/v1.0/rooms/containers/{container}/remove"        SignedIn      rooms::containers::fill::take_out;
    GET    "enduser/v1.0/rooms/tags"                                 SignedIn      rooms::tags::list;
    DELETE "enduser/v1.0/rooms/tags"                                 SignedIn      rooms::tags::remove;
    GET    "enduser/v1.0/rooms/{room}"                               SignedIn      rooms::read::read;
    GET    "enduser/v1.0/rooms/{room}/context"                       SignedIn      rooms::read::read;
    PUT    "enduser/v1.0/rooms/{room}"                               SignedIn      rooms::change::change;
    DELETE "enduser/v1.0/rooms/{room}"                               SignedIn      rooms::remove::remove;
    PUT    "enduser/v1.0/rooms/{room}/archive"                       SignedIn      rooms::archive::archive;
    POST   "enduser/v1.0/rooms/{room}/avatar"                        SignedIn      rooms::avatar::put;
    DELETE "enduser/v1.0/rooms/{room}/avatar"                        SignedIn      rooms::avatar::remove;
    PUT    "enduser/v1.0/rooms/{room}/custom-data"                   SignedIn      rooms::custom_data::change;
    PUT    "enduser/v1.0/rooms/{room}/tags"                          SignedIn      rooms::tags::change;
    GET    "enduser/v1.0/rooms/{room}/users"                         SignedIn      rooms::members::list;
    POST   "enduser/v1.0/rooms/{room}/users"                         SignedIn      rooms::add_member::add;
    PUT    "enduser/v1.0/rooms/{room}/users/{member}"                SignedIn      rooms::change_member::change;
    DELETE "enduser/v1.0/rooms/{room}/users/{member}"                SignedIn      rooms::remove_member::remove;
    GET    "enduser/v1.0/rooms/{room}/public-links"                  SignedIn      rooms::public_links::read;
    PUT    "enduser/v1.0/rooms/{room}/lobbies"                       SignedIn      rooms::lobbies::set;
    GET    "enduser/v1.0/rooms/{room}/lobbies/pending"               SignedIn      rooms::lobbies::pending;
    PUT    "enduser/v1.0/rooms/{room}/lobbies/accept"                SignedIn      rooms::lobbies::accept;
    PUT    "enduser/v1.0/rooms/{room}/lobbies/deny"                  SignedIn      rooms::lobbies::deny;
    PUT    "enduser/v1.0/rooms/{room}/passwords"                     SignedIn      rooms::passwords::set;
    PUT    "enduser/v1.0/rooms/{room}/passwords/reset"               SignedIn      rooms::passwords::reset;

    GET    "enduser/v1.0/polls"                                      SignedIn      polls::list::list;
    POST   "enduser/v1.0/polls"                                      SignedIn      polls::create::create;
    GET    "enduser/v1.0/polls/{poll}"                               SignedIn      polls::read::read;
    PUT    "enduser/v1.0/polls/{poll}"                               SignedIn      polls::change::change;
    DELETE "enduser/v1.0/polls/{poll}"                               SignedIn      polls::turn::delete;
    PUT    "enduser/v1.0/polls/{poll}/publish"                       SignedIn      polls::turn::publish;
    PUT    "enduser/v1.0/polls/{poll}/unpublish"                     SignedIn      polls::turn::unpublish;
    PUT    "enduser/v1.0/polls/{poll}/terminate"                     SignedIn      polls::turn::terminate;
    PUT    "enduser/v1.0/polls/{poll}/vote"                          SignedIn      polls::vote::vote;

    POST   "room/v1.0/enduser/rooms/{room}/clearcontent"             SignedIn      room::enduser::clear_content::clear;
    GET    "room/v1.0/admin/rooms"                                   Administrator room::admin::list::list;
    POST   "room/v1.0/admin/rooms"                                   Administrator room::admin::create::create;
    GET    "room/v1.0/admin/rooms/{room}"                            Administrator room::admin::read::read;
    PUT    "room/v1.0/admin/rooms/{room}"                            Administrator room::admin::change::change;
    DELETE "room/v1.0/admin/rooms/{room}"                            Administrator room::admin::remove::remove;
    PUT    "room/v1.0/admin/rooms/{room}/rehost"                     Administrator room::admin::rehost::rehost;
    POST   "room/v1.0/admin/rooms/{room}/avatars"                    Administrator room::admin::avatar::put;
    DELETE "room/v1.0/admin/rooms/{room}/avatars"                    Administrator room::admin::avatar::remove;
    PUT    "room/v1.0/admin/rooms/{room}/users/promote"              Administrator room::admin::members::promote;
    PUT    "room/v1.0/admin/rooms/{room}/users/demote"               Administrator room::admin::members::demote;
    PUT    "room/v1.0/admin/rooms/{room}/users/delete"               Administrator room::admin::members::put_out;

    GET    "enduser/v1.0/bots"                                       SignedIn      empty_list::shared (empty_by_design);
    GET    "channels/v1.0/channels"                                  SignedIn      empty_list::shared (empty_by_design);

    GET    "filestorage/v1.0/files"                                  SignedIn      filestorage_files::list::list;
    POST   "filestorage/v1.0/files"                                  SignedIn      filestorage_files::create::create;
    GET    "filestorage/v1.0/files/viewers/{viewer}"                 SignedIn      filestorage_files::received::list;
    GET    "filestorage/v1.0/files/{file}"                           SignedIn      filestorage_files::read::read;
    DELETE "filestorage/v1.0/files/{file}"                           SignedIn      filestorage_files::remove::remove;
    POST   "filestorage/v1.0/files/{file}/copy"                      SignedIn      filestorage_files::copy::copy;
    PUT    "filestorage/v1.0/files/{file}/drop"                      SignedIn      filestorage_files::drop::hand_over;
    POST   "filestorage/v1.0/files/{file}/viewers"                   SignedIn      filestorage_files::viewers::add;
    DELETE "filestorage/v1.0/files/{file}/viewers/{viewer}"          SignedIn      filestorage_files::viewers::remove;
    GET    "filestorage/v1.0/companies/{company}/files"              SignedIn      filestorage::companies::files::list;
    GET    "filestorage/v1.0/users/consumption"                      SignedIn      filestorage::users::consumption::read;

    GET    "fileserver/v1.0/capabilities"                            SignedIn      fileserver::capabilities::read;
    GET    "fileserver/v1.0/files/{file}"                            SignedIn      fileserver_files::read::read;
    PUT    "fileserver/v1.0/files/{file}"                            SignedIn      fileserver_files::put::put;
    PUT    "fileserver/v1.0/files/{file}/parts/{part}"               SignedIn      fileserver_files::part::put;
    GET    "fileserver/v1.0/files/{file}/temporary-url"              SignedIn      fileserver_files::temporary_url::make;

    GET    "admin/v1.0/users"                                        Administrator admin::users::list::list;
    POST   "admin/v1.0/users"                                        Administrator admin::users::create::create;
    GET    "admin/v1.0/users/{uid}"                                  Administrator admin::users::read::read;
    PUT    "admin/v1.0/users/{uid}"                                  Administrator admin::users::change::change;
    DELETE "admin/v1.0/users/{uid}"                                  Administrator admin::users::remove::remove;
    GET    "admin/v1.0/users/{uid}/presences"                        Administrator admin::users::presences::read;

    GET    "admin/v1.0/companies"                                    Administrator admin::companies::list::list;
    POST   "admin/v1.0/companies"                                    Administrator admin::companies::create::create;
    GET    "admin/v1.0/companies/{company}"                          Administrator admin::companies::read::read;
    PUT    "admin/v1.0/companies/{company}"                          Administrator admin::companies::change::change;
    DELETE "admin/v1.0/companies/{company}"                          Administrator admin::companies::erase::erase;
    POST   "admin/v1.0/companies/{company}/visible-by/{other}"       Administrator admin::companies::show_to::show;
    DELETE "admin/v1.0/companies/{company}/visible-by/{other}"       Administrator admin::companies::hide_from::hide;
    GET    "admin/v1.0/organisations"                                Administrator admin::organisations::list::list;
    POST   "admin/v1.0/organisations"                                Administrator admin::organisations::create::create;
}

"/api/" {
    GET    "room-avatar/{room}"                                      SignedIn      rooms::avatar::read;
}

"/api/edge/v1/" {
    GET    "blocklist"                                               SignedIn      blocklist::list::list;
    PUT    "blocklist/{uid}"                                         SignedIn      blocklist::block::block;
    DELETE "blocklist/{uid}"                                         SignedIn      blocklist::unblock::unblock;

    GET    "files/links/{token}"                                     Public        edge_v1::files::link::follow;
    OPTIONS "files/slots/{token}/{name}"                             Public        edge_v1::files::slot::options;
    PUT    "files/slots/{token}/{name}"                              Public        edge_v1::files::slot::put;
    GET    "files/slots/{token}/{name}"                              Public        edge_v1::files::slot::read;
    GET    "files/{file}/upload"                                     SignedIn      edge_v1::files::upload::read;
    GET    "health"                                                  Administrator edge_v1::health::read;
    GET    "application-passwords"                                   SignedIn      application_passwords::list::list;
    POST   "application-passwords"                                   SignedIn      application_passwords::create::create;
    DELETE "application-passwords/{application_password}"            SignedIn      application_passwords::remove::remove;
    PUT    "password"                                                SignedIn      edge_v1::password::change;
    GET    "push/key"                                                SignedIn      edge_v1::push::key::read;
    GET    "push/subscriptions"                                      SignedIn      subscriptions::list::list;
    POST   "push/subscriptions"                                      SignedIn      subscriptions::subscribe::subscribe;
    DELETE "push/subscriptions/{subscription}"                       SignedIn      subscriptions::unsubscribe::unsubscribe;
    GET    "sessions"                                                SignedIn      edge_v1::sessions::list::list;
    DELETE "sessions"                                                SignedIn      edge_v1::sessions::end_all::end;
    DELETE "sessions/{session}"                                      SignedIn      edge_v1::sessions::end::end;
    POST   "users/{uid}/invitation"                                  Administrator edge_v1::users::invitation::make::make;
    GET    "join/{token}"                                            Public        edge_v1::join::read::read;
    POST   "join/{token}"                                            Public        edge_v1::join::accept::accept;

    GET    "setup"                                                   Public        setup::read::read;
    POST   "setup/code"                                              Public        setup::code::enter;
    GET    "setup/answers"                                           Setup         setup::answers::read::read;
    PUT    "setup/answers/{step}"                                    Setup         setup::answers::put::put;
    POST   "setup/recovery-key"                                      Setup         setup::recovery_key::make::make;
    POST   "setup/recovery-key/check"                                Setup         setup::recovery_key::check::check;
    POST   "setup/finish"                                            Setup         setup::finish::finish;

    GET    "meet"                                                    SignedIn      edge_v1::meet::read::read;
    POST   "meet/{token}"                                            Public        edge_v1::meet::enter::enter;

    GET    "rooms/{room}/avatar"                                     SignedIn      rooms::avatar::read;
    GET    "rooms/{room}/readers"                                    SignedIn      edge_v1::rooms::readers::list;
    GET    "rooms/{room}/password"                                   SignedIn      rooms::passwords::read;

    GET    "users/{uid}/sessions"                                    Administrator edge_v1::users::sessions::list::list;
    DELETE "users/{uid}/sessions"                                    Administrator edge_v1::users::sessions::end_all::end;
    DELETE "users/{uid}/sessions/{session}"                          Administrator edge_v1::users::sessions::end::end;
}
}

/// Every route.
#[must_use]
pub fn routes() -> &'static [RouteInfo] {
    TABLE
}

/// The routes over an application; `base_url` is `https://HOST[:PORT]`, by which clients reach the box, `look` what its
/// owner is shown of the process and the machine.
///
/// Unknown addresses are answered too, and what Rainbow has and the box does not. A request may carry an [`app::Visitor`] among its extensions; it is told when
/// the client turns out to be known.
pub fn router(app: Arc<App>, base_url: &str, look: Look) -> Router {
    let edge = Edge::new(app, base_url, Some(look), None);
    finished(not_served::add(table_router(&edge, |_| true), &edge, TABLE), edge)
}

/// The routes of a box that is being set up: those of the setup, and no others.
pub fn setup_router(app: Arc<App>, going_on: Arc<Setup>, base_url: &str) -> Router {
    let edge = Edge::new(app, base_url, None, Some(going_on));
    finished(table_router(&edge, is_of_setup), edge)
}

fn is_of_setup(path: &str) -> bool {
    path.strip_prefix("/api/edge/v1/setup").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn finished(router: Router<Edge>, edge: Edge) -> Router {
    router
        .fallback(|| async { RestError::NotFound })
        .layer(from_fn_with_state(edge.clone(), envelope::wrap))
        .with_state(edge)
}

/// Nobody reaches a handler of a route that is not public: the table decides, whatever the handler looks at.
pub(crate) fn guarded(edge: &Edge, access: Access, handlers: MethodRouter<Edge>) -> MethodRouter<Edge> {
    match access {
        Access::Public => handlers,
        Access::Setup => handlers.route_layer(from_fn_with_state(edge.clone(), setup::require)),
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
    fn only_ping_and_the_ways_in_are_public_b1() {
        let public: Vec<&str> =
            routes().iter().filter(|route| route.access == Access::Public).map(|route| route.path).collect();
        let expected = [
            "/api/rainbow/ping",
            "/api/rainbow/authentication/v1.0/urls",
            "/api/rainbow/authentication/v1.0/login",
            "/api/rainbow/enduser/v1.0/users/self-register",
            "/api/rainbow/enduser/v1.0/rooms/open-invites/validate",
            "/api/edge/v1/files/links/{token}",
            "/api/edge/v1/files/slots/{token}/{name}",
            "/api/edge/v1/files/slots/{token}/{name}",
            "/api/edge/v1/files/slots/{token}/{name}",
            "/api/edge/v1/join/{token}",
            "/api/edge/v1/join/{token}",
            "/api/edge/v1/setup",
            "/api/edge/v1/setup/code",
            "/api/edge/v1/meet/{token}",
        ];
        assert_eq!(public, expected);
    }

    #[test]
    fn a_setup_serves_its_own_routes_only_and_nobody_else_asks_for_its_token_i8() {
        let served = routes().iter().filter(|route| is_of_setup(route.path));
        let for_its_token = served.clone().filter(|route| route.access == Access::Setup).count();
        assert_eq!((served.count(), for_its_token), (7, 5));
        for route in routes() {
            assert!(route.access != Access::Setup || is_of_setup(route.path), "{}", route.path);
        }
        assert!(!is_of_setup("/api/edge/v1/setups") && !is_of_setup("/api/edge/v1/sessions"));
    }

    #[test]
    fn every_route_is_of_a_portal_that_is_documented_j8() {
        let portals = ["/api/rainbow/", "/api/room-avatar/", "/api/edge/v1/"];
        for portal in portals {
            assert!(routes().iter().any(|route| route.path.starts_with(portal)), "{portal}");
        }
        for route in routes() {
            assert!(portals.iter().any(|portal| route.path.starts_with(portal)), "{}", route.path);
        }
    }

    #[test]
    fn administration_is_for_administrators_and_empty_lists_are_read_only_a8() {
        for route in routes() {
            let portal_of_admins =
                ["/api/rainbow/admin/", "/api/rainbow/room/v1.0/admin/", "/api/edge/v1/users/", "/api/edge/v1/health"]
                    .iter()
                    .any(|p| route.path.starts_with(p));
            let is_for_admins = portal_of_admins && !route.path.ends_with("/about");
            assert_eq!(route.access == Access::Administrator, is_for_admins, "{}", route.path);
            assert!(!route.empty_by_design || route.method == "GET", "{}", route.path);
        }
    }
}
