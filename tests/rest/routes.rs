//! Every route of the route table, walked as nobody and as the outsider (decision 26; B1, B3).

use crate::{ADMIN_USERS, NOBODY, OwnCompany, USERS, world};
use serde_json::{Value, json};
use world::{Answer, Client, SignedIn, expect, snapshot};

/// Routes that serve nobody in particular.
const PUBLIC: [&str; 3] =
    ["/api/rainbow/authentication/v1.0/urls", "/api/rainbow/authentication/v1.0/login", "/api/rainbow/ping"];

/// One line of `rainbow-edge routes --json`.
struct Route {
    method: String,
    path: String,
    empty_by_design: bool,
}

fn routes() -> Vec<Route> {
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
    words: Vec<String>,
}

impl Targets {
    /// Two members of a company that nobody but the walk can change.
    async fn in_own_company(name: &str) -> (SignedIn, SignedIn, Self) {
        let company = OwnCompany::new(name);
        let target = company.person(name, &[]);
        let (alice, peer) = (target.sign_in(&world().edge).await, company.signed_in("colleague").await);
        let words = vec![company.name, company.domain, target.first_name];
        let targets = Self::of(&alice, &peer, words).await;
        (alice, peer, targets)
    }

    async fn of(alice: &SignedIn, peer: &SignedIn, words: Vec<String>) -> Self {
        let path = format!("{USERS}/{}/conversations", alice.id());
        let body = json!({"peerId": peer.id(), "type": "user", "mute": false});
        let conversation = expect::data(&alice.client.post(&path, &body).await);
        Self {
            user: alice.id().to_owned(),
            email: alice.user["loginEmail"].as_str().expect("loginEmail").to_owned(),
            jid: alice.jid().to_owned(),
            company: alice.company_id().to_owned(),
            conversation: conversation["id"].as_str().expect("id").to_owned(),
            words,
        }
    }

    /// The path with every placeholder filled; a placeholder of an unknown kind is missing walk data.
    fn fill(&self, route: &Route) -> Result<String, String> {
        let mut before = "";
        let mut filled = Vec::new();
        for segment in route.path.split('/') {
            if segment.starts_with('{') {
                filled.push(match before {
                    "users" | "viewers" | "networks" => self.user.as_str(),
                    "companies" => &self.company,
                    "conversations" => &self.conversation,
                    "jids" => &self.jid,
                    "rooms" | "files" | "groups" | "channels" | "invitations" => NOBODY,
                    other => return Err(format!("{} {}: no walk data for ids of {other:?}", route.method, route.path)),
                });
            } else {
                filled.push(segment);
            }
            before = segment;
        }
        Ok(filled.join("/"))
    }

    /// A valid body for a route that takes one, all about Alice.
    fn body(&self, route: &Route) -> Result<Option<Value>, String> {
        if !matches!(route.method.as_str(), "POST" | "PUT" | "PATCH") {
            return Ok(None);
        }
        let portal = route.path.trim_start_matches("/api/rainbow/");
        let shape: Vec<&str> = portal.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
        Ok(Some(match shape.join("/").as_str() {
            "enduser/v1.0/users/loginEmails" => json!({"loginEmail": self.email}),
            "enduser/v1.0/users/jids" => json!({"jid_im": [self.jid]}),
            "enduser/v1.0/users/ids" => json!({"id": [self.user]}),
            "enduser/v1.0/users/*" | "admin/v1.0/users/*" => json!({"firstName": "Mallory"}),
            "enduser/v1.0/users/*/settings" => json!({"presence": "dnd"}),
            "enduser/v1.0/users/*/conversations" => json!({"peerId": self.user, "type": "user", "mute": false}),
            "enduser/v1.0/users/*/conversations/*" => json!({"mute": true}),
            "enduser/v1.0/users/*/conversations/*/markallread" => json!({"maskRead": true}),
            "enduser/v1.0/users/*/conversations/*/bookmark" => json!({"messageId": "x"}),
            "admin/v1.0/users" => json!({
                "companyId": self.company, "loginEmail": "planted@acme.test", "password": "Planted-by-3ve!",
                "firstName": "Planted", "lastName": "Person", "roles": ["user"],
            }),
            other => return Err(format!("{} {}: no walk data for its body ({other})", route.method, route.path)),
        }))
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
    let ids = [&targets.user, &targets.company, &targets.conversation];
    for word in ids.into_iter().chain(&targets.words) {
        // An error may repeat the id that the caller sent.
        let repeated = answer.status >= 400 && answer.asked.contains(word.as_str());
        assert!(repeated || !text.contains(word.as_str()), "{} tells {word:?}: {text}", answer.asked);
    }
}

#[tokio::test]
async fn every_route_has_walk_data_and_a_place_in_the_sheet_decision_26() {
    let targets = Targets {
        user: "a".into(),
        email: "a@b.test".into(),
        jid: "b".into(),
        company: "c".into(),
        conversation: "d".into(),
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
            expect::refusal(&answer, 401);
        }
    }
    assert_eq!(snapshot::of(&walter).await, before);
}

#[tokio::test]
async fn the_outsider_meets_404_or_his_own_emptiness_on_every_route_b3() {
    let world = world();
    let (wanda, _, targets) = Targets::in_own_company("wanda").await;
    let before = snapshot::of(&wanda).await;
    for (who, name) in [(&world.eve, "eve"), (&world.globex_admin, "the other admin")] {
        let walker = who.sign_in(&world.edge).await;
        for route in routes() {
            // Logout would end the walk; its own test is in `sign_in.rs`.
            if PUBLIC.contains(&route.path.as_str()) || route.path.ends_with("/logout") {
                continue;
            }
            let answer = targets.ask(&walker.client, &route).await.expect("walk data");
            tells_nothing_of(&targets, &answer);
            if route.path.contains('{') {
                meets_nothing(&answer, &route, name);
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

#[tokio::test]
async fn plain_member_meets_403_on_every_administration_route_of_a_colleague_r1() {
    let (wim, wilma, targets) = Targets::in_own_company("wim").await;
    let before = snapshot::of(&wim).await;
    let walked = routes().into_iter().filter(|route| route.path.starts_with("/api/rainbow/admin/"));
    let mut count = 0;
    for route in walked {
        let answer = targets.ask(&wilma.client, &route).await.expect("walk data");
        expect::refusal(&answer, 403);
        count += 1;
    }
    assert!(count >= 4, "{ADMIN_USERS} has at least four routes");
    assert_eq!(snapshot::of(&wim).await, before);
}
