//! Every route of the route table, walked as nobody, as the outsider, as a colleague and as somebody who sees the person
//! but is not near (decision 26; B1, B3).

use crate::tenant::text;
use crate::{NOBODY, OwnCompany, SESSIONS, USERS, bubbles, files, polls, push, world};
use serde_json::{Value, json};
use world::{Answer, Client, SignedIn, expect, snapshot};

/// Routes that serve nobody in particular, or whoever holds a link.
const PUBLIC: [&str; 11] = [
    "/api/rainbow/authentication/v1.0/urls",
    "/api/rainbow/authentication/v1.0/login",
    "/api/rainbow/ping",
    "/api/rainbow/enduser/v1.0/users/self-register",
    "/api/rainbow/enduser/v1.0/rooms/open-invites/validate",
    "/api/edge/v1/meet/{token}",
    "/api/edge/v1/join/{token}",
    "/api/edge/v1/files/links/{token}",
    "/api/edge/v1/files/slots/{token}/{name}",
    "/api/edge/v1/setup",
    "/api/edge/v1/setup/code",
];

/// Where nobody of a walk is ever pushed to, because nobody writes to him.
const PUSH_ENDPOINT: &str = "https://updates.push.services.mozilla.com/wpush/v2/walk";

/// One line of `rainbow-edge routes --json`.
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    for_administrators: bool,
    of_setup: bool,
    pub(crate) empty_by_design: bool,
}

impl Route {
    /// It ends the session of whoever asks, and so the walk; it has a test of its own.
    fn ends_the_walk(&self) -> bool {
        self.path.ends_with("/logout") || (self.method == "DELETE" && self.path == SESSIONS)
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let outcome = world::edge(&["routes", "--json"], "").succeeded("routes --json");
    let table: Value = serde_json::from_str(&outcome.out).expect("the route table is JSON");
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_else(|| panic!("{key}: {line}")).to_owned();
    let routes: Vec<Route> = table
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| Route {
            method: text(line, "method"),
            path: text(line, "path"),
            for_administrators: text(line, "access") == "administrator",
            of_setup: text(line, "access") == "setup",
            empty_by_design: line["empty_by_design"] == json!(true),
        })
        .collect();
    assert!(routes.len() > 25, "the table lists the boot sequence at least: {}", routes.len());
    routes
}

/// The ids of somebody, which a walk puts in place of placeholders, and the words that tell of him.
struct Targets {
    user: String,
    email: String,
    jid: String,
    company: String,
    conversation: String,
    invitation: String,
    group: String,
    favorite: String,
    first_name: String,
    session: String,
    application_password: String,
    subscription: String,
    room: String,
    container: String,
    poll: String,
    file: String,
    words: Vec<String>,
}

impl Targets {
    /// Two members of a company that nobody but the walk can change, and that outsiders do not see.
    async fn in_own_company(name: &str) -> (SignedIn, SignedIn, Self) {
        Self::of_mode(name, "closed").await
    }

    async fn of_mode(name: &str, visibility: &str) -> (SignedIn, SignedIn, Self) {
        let company = OwnCompany::of_mode(name, visibility);
        let target = company.person(name, &[]);
        let (alice, peer) = (target.sign_in(&world().edge).await, company.signed_in("colleague").await);
        let words = vec![company.name, company.domain, target.first_name.clone()];
        let application_password = alice.application_password("Her phone", &target.password).await;
        let mut targets = Self::of(&alice, &peer, target.first_name, words).await;
        targets.application_password = text(&application_password["id"]).to_owned();
        (alice, peer, targets)
    }

    async fn of(alice: &SignedIn, peer: &SignedIn, first_name: String, words: Vec<String>) -> Self {
        let own = |noun: &str| format!("{USERS}/{}/{noun}", alice.id());
        let made = async |noun: &str, body: Value| {
            text(&expect::data(&alice.client.post(&own(noun), &body).await)["id"]).to_owned()
        };
        // Somebody invites her whom nobody of the walk knows.
        let inviter = OwnCompany::of_mode(&format!("{}-asks", first_name.to_lowercase()), "public");
        let inviter = inviter.signed_in("inviter").await;
        let email = text(&alice.user["loginEmail"]).to_owned();
        let room = expect::data(&alice.client.post(bubbles::ROOMS, &json!({"name": "Her bubble"})).await);
        let folder = json!({ "name": "Her folder", "rooms": [room["id"]] });
        let folder = expect::data(&alice.client.post(&format!("{}/containers/", bubbles::ROOMS), &folder).await);
        let poll = polls::made(alice, text(&room["id"]), json!({"title": "Her poll"})).await;
        let path = format!("{USERS}/{}/invitations", inviter.id());
        let invitation = expect::data(&inviter.client.post(&path, &json!({ "email": email })).await);
        let sessions = expect::list(&alice.client.get(SESSIONS).await);
        Self {
            user: alice.id().to_owned(),
            email,
            jid: alice.jid().to_owned(),
            company: alice.company_id().to_owned(),
            conversation: made("conversations", json!({"peerId": peer.id(), "type": "user", "mute": false})).await,
            session: text(&sessions[0]["id"]).to_owned(),
            application_password: String::new(),
            subscription: text(&push::subscribed(alice, PUSH_ENDPOINT).await["id"]).to_owned(),
            invitation: text(&invitation["id"]).to_owned(),
            group: made("groups", json!({"name": "Her group"})).await,
            favorite: made("favorites", json!({"peerId": peer.id(), "type": "user"})).await,
            container: text(&folder["id"]).to_owned(),
            poll,
            room: text(&room["id"]).to_owned(),
            file: text(&files::announced(alice, "hers.txt", 3, &[]).await["id"]).to_owned(),
            first_name,
            words,
        }
    }

    /// The same walk to ids that nobody has: what it meets is what hidden things must look like (decision 6).
    fn of_nobody(&self) -> Self {
        let [
            user,
            company,
            conversation,
            session,
            invitation,
            group,
            favorite,
            application_password,
            subscription,
            room,
            container,
            poll,
            file,
        ] = [NOBODY; 13].map(str::to_owned);
        let domain = self.jid.split('@').nth(1).expect("a JID has a domain");
        Self {
            jid: format!("{NOBODY}@{domain}"),
            email: String::from("nobody@nowhere.test"),
            first_name: String::from("Nobody"),
            words: Vec::new(),
            user,
            company,
            conversation,
            session,
            application_password,
            invitation,
            group,
            favorite,
            subscription,
            room,
            container,
            poll,
            file,
        }
    }

    /// The path with every placeholder filled; a placeholder of an unknown kind is missing walk data.
    fn fill(&self, route: &Route) -> Result<String, String> {
        let mut before = "";
        let mut filled = Vec::new();
        let domain = self.jid.split_once('@').map_or("", |(_, domain)| domain);
        let room_jid = format!("room_{}@muc.{domain}", self.room);
        for segment in route.path.split('/') {
            if segment.starts_with('{') {
                filled.push(match before {
                    "users" | "viewers" | "networks" | "blocklist" | "peers" => self.user.as_str(),
                    "companies" | "visible-by" => &self.company,
                    "conversations" => &self.conversation,
                    "jids" if route.path.contains("/rooms/") => &room_jid,
                    "jids" => &self.jid,
                    "rooms" | "room-avatar" => &self.room,
                    "containers" => &self.container,
                    "polls" => &self.poll,
                    "invitations" => &self.invitation,
                    "groups" => &self.group,
                    "favorites" => &self.favorite,
                    "sessions" => &self.session,
                    "join" | "meet" => "a-token-that-nobody-made",
                    "application-passwords" => &self.application_password,
                    "subscriptions" => &self.subscription,
                    "answers" => "language",
                    "files" => &self.file,
                    "parts" => "end",
                    "links" | "slots" => "a-token-that-nobody-made",
                    "{token}" => "name.txt",
                    "channels" => NOBODY,
                    "pins" => "users",
                    "{kind}" => &self.user,
                    "{peer}" => NOBODY,
                    other => return Err(format!("{} {}: no walk data for ids of {other:?}", route.method, route.path)),
                });
            } else {
                filled.push(segment);
            }
            before = segment;
        }
        let path = filled.join("/");
        Ok(match route.path.trim_start_matches("/api/rainbow/") {
            "search/v1.0/users" => format!("{path}?displayName={}", self.first_name),
            "admin/v1.0/users" if route.method == "GET" => format!("{path}?companyId={}", self.company),
            _ => path,
        })
    }

    /// A valid body for a route that takes one, all about Alice.
    fn body(&self, route: &Route) -> Result<Option<Value>, String> {
        if !matches!(route.method.as_str(), "POST" | "PUT" | "PATCH") {
            return Ok(None);
        }
        let portal = route.path.trim_start_matches("/api/rainbow/").trim_start_matches("/api/");
        let shape: Vec<&str> = portal.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
        let shape = shape.join("/");
        if let Some(body) = self.body_at_doors(&shape).or_else(|| self.room_body(&shape)) {
            return Ok(Some(body));
        }
        Ok(Some(match shape.as_str() {
            "enduser/v1.0/users/loginEmails" => json!({"loginEmail": self.email}),
            "enduser/v1.0/users/jids" => json!({"jid_im": [self.jid]}),
            "enduser/v1.0/users/ids" => json!({"id": [self.user]}),
            "enduser/v1.0/users/*" | "admin/v1.0/users/*" => json!({"firstName": "Mallory"}),
            "enduser/v1.0/users/*/custom-status" => json!({"status": "Mallory was here"}),
            "enduser/v1.0/users/*/settings" => json!({"presence": "dnd"}),
            "enduser/v1.0/users/*/invitations" => json!({"invitedUserId": self.user}),
            "enduser/v1.0/users/*/invitations/bulk" => json!({"emails": [self.email]}),
            "enduser/v1.0/users/*/invitations/*/accept"
            | "enduser/v1.0/users/*/invitations/*/cancel"
            | "enduser/v1.0/users/*/invitations/*/decline"
            | "enduser/v1.0/users/*/invitations/*/re-send"
            | "enduser/v1.0/users/*/groups/*/users/*"
            | "admin/v1.0/companies/*/visible-by/*"
            | "edge/v1/blocklist/*" => json!({}),
            "enduser/v1.0/users/*/groups" | "enduser/v1.0/users/*/groups/*" => json!({"name": "Mallory's"}),
            "enduser/v1.0/users/*/favorites" => json!({"peerId": self.user, "type": "user"}),
            "enduser/v1.0/users/*/favorites/*" => json!({}),
            "admin/v1.0/companies" => json!({"name": "Mallory's company"}),
            "admin/v1.0/companies/*" => json!({"name": "Mallory's company", "visibility": "isolated"}),
            "admin/v1.0/organisations" => json!({"name": "Mallory's organization"}),
            "enduser/v1.0/users/*/conversations" => json!({"peerId": self.user, "type": "user", "mute": false}),
            "enduser/v1.0/users/*/pins/*/*" | "enduser/v1.0/users/*/pins/*/*/*" => json!({"messageId": "x"}),
            "enduser/v1.0/users/*/ims" => json!({"ims": [{"peer": self.jid, "msgId": "x", "type": "user"}]}),
            "enduser/v1.0/users/*/conversations/*" => json!({"mute": true}),
            "enduser/v1.0/users/*/conversations/*/markallread" => json!({"maskRead": true}),
            "enduser/v1.0/users/*/conversations/*/bookmark" => json!({"messageId": "x"}),
            "filestorage/v1.0/files" => json!({"fileName": "planted.txt", "extension": "txt", "size": 1}),
            "edge/v1/files/slots/*/*"
            | "filestorage/v1.0/files/*/copy"
            | "fileserver/v1.0/files/*"
            | "fileserver/v1.0/files/*/parts/*" => {
                json!({})
            }
            "filestorage/v1.0/files/*/drop" => json!({"userId": self.user}),
            "filestorage/v1.0/files/*/viewers" => json!({"viewerId": self.user, "type": "user"}),
            "edge/v1/users/*/invitation" => json!({}),
            "edge/v1/join/*" => json!({"password": "Planted-by-3ve!"}),
            "edge/v1/application-passwords" => json!({"name": "Mallory's", "currentPassword": "Wrong-Passw0rd"}),
            "edge/v1/push/subscriptions" => push::subscription(PUSH_ENDPOINT),
            "edge/v1/setup/code" => json!({"code": "0000-0000"}),
            "edge/v1/setup/answers/*" => json!({"language": "en"}),
            "edge/v1/setup/recovery-key" => json!({}),
            "edge/v1/setup/recovery-key/check" => json!({"key": "0000"}),
            "edge/v1/setup/finish" => json!({"password": "Planted-by-3ve!"}),
            "edge/v1/password" => json!({"currentPassword": "Wrong-Passw0rd", "newPassword": "Planted-by-3ve!"}),
            "admin/v1.0/users" => json!({
                "companyId": self.company, "loginEmail": "planted@acme.test", "password": "Planted-by-3ve!",
                "firstName": "Planted", "lastName": "Person", "roles": ["user"],
            }),
            other => return Err(format!("{} {}: no walk data for its body ({other})", route.method, route.path)),
        }))
    }

    /// The same for the links and doors of bubbles.
    fn body_at_doors(&self, shape: &str) -> Option<Value> {
        Some(match shape {
            "enduser/v1.0/users/self-register" => json!({
                "openInviteId": "a-token-that-nobody-made", "loginEmail": "planted@guest.test",
                "password": "Planted-by-3ve!", "firstName": "Planted",
            }),
            "edge/v1/meet/*" => json!({"name": "Mallory"}),
            "enduser/v1.0/users/*/public-links/bind"
            | "enduser/v1.0/users/*/public-links/reset"
            | "enduser/v1.0/users/*/public-links/unbind" => json!({"roomId": self.room}),
            "enduser/v1.0/rooms/open-invites" => json!({"openInviteId": "a-token-that-nobody-made"}),
            "enduser/v1.0/rooms/*/lobbies" => json!({"hasLobby": true}),
            "enduser/v1.0/rooms/*/lobbies/accept" | "enduser/v1.0/rooms/*/lobbies/deny" => json!({"scope": "all"}),
            "enduser/v1.0/rooms/*/passwords" => json!({"hasPassword": true}),
            "enduser/v1.0/rooms/*/passwords/reset" => json!({}),
            _ => return None,
        })
    }

    /// The same for what is about her bubble, or her folder.
    fn room_body(&self, shape: &str) -> Option<Value> {
        Some(match shape {
            "enduser/v1.0/rooms" | "enduser/v1.0/rooms/*" => json!({"name": "Mallory's bubble"}),
            "enduser/v1.0/rooms/containers/" | "enduser/v1.0/rooms/containers/*" => json!({"name": "Mallory's folder"}),
            "enduser/v1.0/rooms/containers/*/add" | "enduser/v1.0/rooms/containers/*/remove" => {
                json!({"rooms": [self.room]})
            }
            "room/v1.0/enduser/rooms/*/clearcontent" | "room/v1.0/admin/rooms/*/avatars" => json!({}),
            "room/v1.0/admin/rooms" | "room/v1.0/admin/rooms/*" => json!({"name": "Mallory's bubble"}),
            "room/v1.0/admin/rooms/*/rehost" => json!({"userId": self.user}),
            "room/v1.0/admin/rooms/*/users/promote"
            | "room/v1.0/admin/rooms/*/users/demote"
            | "room/v1.0/admin/rooms/*/users/delete" => json!({"scope": "all"}),
            "enduser/v1.0/rooms/ids" => json!({"rooms": [self.room]}),
            "enduser/v1.0/polls" => polls::body(&self.room, json!({"title": "Mallory's"})),
            "enduser/v1.0/polls/*" => json!({"title": "Mallory's"}),
            "enduser/v1.0/polls/*/vote" => json!({"votes": [{"question": 0, "answers": [0]}]}),
            "enduser/v1.0/polls/*/publish" | "enduser/v1.0/polls/*/unpublish" | "enduser/v1.0/polls/*/terminate" => {
                json!({})
            }
            "enduser/v1.0/rooms/*/archive" | "enduser/v1.0/rooms/*/avatar" => json!({}),
            "enduser/v1.0/rooms/*/custom-data" => json!({"customData": {"by": "Mallory"}}),
            "enduser/v1.0/rooms/*/tags" => json!({"tags": ["Mallory"]}),
            "enduser/v1.0/rooms/*/users" => json!({"userId": self.user, "status": "accepted"}),
            "enduser/v1.0/rooms/*/users/*" => json!({"status": "unsubscribed"}),
            _ => return None,
        })
    }

    async fn ask(&self, client: &Client, route: &Route) -> Result<Answer, String> {
        let request = client.request(&route.method, &self.fill(route)?);
        let request = match self.body(route)? {
            Some(body) => request.json(&body),
            None => request,
        };
        Ok(request.send().await)
    }
}

/// What of the walk's targets must not reach an outsider.
#[track_caller]
fn tells_nothing_of(targets: &Targets, answer: &Answer) {
    let text = answer.text();
    let ids = [
        &targets.user,
        &targets.company,
        &targets.conversation,
        &targets.session,
        &targets.application_password,
        &targets.subscription,
        &targets.invitation,
        &targets.group,
        &targets.favorite,
        &targets.room,
        &targets.container,
        &targets.poll,
        &targets.file,
        &targets.email,
    ];
    for word in ids.into_iter().chain(&targets.words) {
        // An error may repeat the id that the caller sent.
        let repeated = answer.status >= 400 && answer.asked.contains(word.as_str());
        assert!(repeated || !text.contains(word.as_str()), "{} tells {word:?}: {text}", answer.asked);
    }
}

#[tokio::test]
async fn every_route_has_walk_data_and_a_place_in_the_sheet_decision_26() {
    let word = |text: &str| text.to_owned();
    let targets = Targets {
        user: word("a"),
        email: word("a@b.test"),
        jid: word("b"),
        company: word("c"),
        conversation: word("d"),
        invitation: word("e"),
        group: word("f"),
        favorite: word("g"),
        session: word("h"),
        application_password: word("i"),
        subscription: word("j"),
        room: word("k"),
        container: word("m"),
        poll: word("n"),
        file: word("l"),
        first_name: word("H"),
        words: Vec::new(),
    };
    let missing: Vec<String> =
        routes().iter().flat_map(|route| [targets.fill(route).err(), targets.body(route).err()]).flatten().collect();
    assert!(missing.is_empty(), "give these routes walk data: {missing:#?}");
}

#[tokio::test]
async fn nobody_meets_401_on_every_route_b1() {
    let (walter, _, targets) = Targets::in_own_company("walter").await;
    let before = snapshot::of(&walter).await;
    let nobody = Client::new(&world().edge);
    for route in routes() {
        if PUBLIC.contains(&route.path.as_str()) {
            let answer = nobody.request(&route.method, &route.path).send().await;
            assert!(answer.status < 500, "{}: {}", answer.asked, answer.text());
            continue;
        }
        for client in [&nobody, &nobody.with_token("null"), &nobody.with_token("a.b.c")] {
            let answer = targets.ask(client, &route).await.expect("walk data");
            expect::refusal(&answer, if route.of_setup { 409 } else { 401 });
        }
    }
    assert_eq!(snapshot::of(&walter).await, before);
}

#[tokio::test]
async fn the_outsider_meets_404_or_his_own_emptiness_on_every_route_b3() {
    let world = world();
    let (wanda, _, targets) = Targets::in_own_company("wanda").await;
    let missing = targets.of_nobody();
    let before = snapshot::of(&wanda).await;
    for (who, name) in [(&world.eve, "eve"), (&world.globex_admin, "the other admin")] {
        let walker = who.sign_in(&world.edge).await;
        for route in routes() {
            if PUBLIC.contains(&route.path.as_str()) || route.ends_the_walk() {
                continue;
            }
            let answer = targets.ask(&walker.client, &route).await.expect("walk data");
            tells_nothing_of(&targets, &answer);
            if route.of_setup {
                expect::refusal(&answer, 409);
            } else if route.path.contains('{') {
                meets_nothing(&answer, &route, name);
                let unmet = missing.ask(&walker.client, &route).await.expect("walk data");
                expect::indistinguishable((&answer, &targets.user), (&unmet, NOBODY));
            } else {
                assert!(answer.status < 500, "{name}: {}: {}", answer.asked, answer.text());
            }
        }
    }
    assert_eq!(snapshot::of(&wanda).await, before, "an outsider's walk changed something");
}

#[track_caller]
fn meets_nothing(answer: &Answer, route: &Route, who: &str) {
    if route.empty_by_design && answer.status == 200 {
        assert_eq!(answer.json()["data"], json!([]), "{who}: {}", answer.asked);
    } else {
        assert_eq!(answer.status, 404, "{who}: {}: {}", answer.asked, answer.text());
        expect::refusal(answer, 404);
    }
}

/// Who sees a person without being near meets the name, and a closed door: nothing private, nothing changed.
#[tokio::test]
async fn who_sees_a_person_of_another_company_reads_the_name_and_changes_nothing_b1_b3() {
    let world = world();
    let (wolf, _, targets) = Targets::of_mode("wolf", "public").await;
    let before = snapshot::of(&wolf).await;
    for (who, name) in [(&world.alice, "alice"), (&world.manager, "the other admin")] {
        let walker = who.sign_in(&world.edge).await;
        for route in routes() {
            if PUBLIC.contains(&route.path.as_str()) || route.ends_the_walk() {
                continue;
            }
            let answer = targets.ask(&walker.client, &route).await.expect("walk data");
            assert!(answer.status < 500, "{name}: {}: {}", answer.asked, answer.text());
            tells_nothing_private(&targets, &answer);
            if !route.path.contains('{') || sees(&route) || route.of_setup {
                continue;
            }
            assert!(matches!(answer.status, 403 | 404), "{name}: {}: {}", answer.asked, answer.text());
            expect::refusal(&answer, answer.status);
        }
    }
    assert_eq!(snapshot::of(&wolf).await, before, "a walk of somebody who only sees changed something");
}

/// What is open to who sees a person, or a company: reading it, and the walker's own list of people whom he blocks.
fn sees(route: &Route) -> bool {
    let portal = route.path.trim_start_matches("/api/");
    let read = [
        "rainbow/enduser/v1.0/users/{uid}",
        "rainbow/enduser/v1.0/users/jids/{jid}",
        "rainbow/enduser/v1.0/users/{uid}/custom-status",
        "rainbow/enduser/v1.0/companies/{company}",
    ];
    (route.method == "GET" && read.contains(&portal)) || portal == "edge/v1/blocklist/{uid}"
}

#[track_caller]
fn tells_nothing_private(targets: &Targets, answer: &Answer) {
    let told = answer.text();
    for word in [&targets.email, &targets.conversation, &targets.invitation, &targets.group, &targets.favorite] {
        let repeated = answer.status >= 400 && answer.asked.contains(word.as_str());
        assert!(repeated || !told.contains(word.as_str()), "{} tells {word:?}: {told}", answer.asked);
    }
}

#[tokio::test]
async fn a_box_that_is_set_up_says_so_and_is_not_set_up_again_i8() {
    let world = world();
    let eve = world.eve.sign_in(&world.edge).await;
    let targets = Targets::in_own_company("wilfred").await.2;
    let nobody = Client::new(&world.edge);
    for client in [&nobody, &eve.client] {
        assert_eq!(expect::data(&client.get("/api/edge/v1/setup").await), json!({"needed": false}));
        let of_setup = |route: &&Route| route.path.starts_with("/api/edge/v1/setup/");
        let routes = routes();
        let walked: Vec<&Route> = routes.iter().filter(of_setup).collect();
        assert_eq!(walked.len(), 6);
        for route in walked {
            let refused = expect::refusal(&targets.ask(client, route).await.expect("walk data"), 409);
            assert!(refused["errorDetails"].to_string().contains("set up already"), "{refused}");
        }
    }
}

#[tokio::test]
async fn plain_member_meets_403_on_every_administration_route_of_a_colleague_r1() {
    let (wim, wilma, targets) = Targets::in_own_company("wim").await;
    let before = snapshot::of(&wim).await;
    let walked = routes().into_iter().filter(|route| route.for_administrators);
    let mut count = 0;
    for route in walked {
        let answer = targets.ask(&wilma.client, &route).await.expect("walk data");
        // A bubble in which she is not is not there for her.
        let hidden = route.path.contains("/rooms/{room}");
        expect::refusal(&answer, if hidden { 404 } else { 403 });
        count += 1;
    }
    assert!(count >= 8, "members and their sessions have at least eight routes");
    assert_eq!(snapshot::of(&wim).await, before);
}
