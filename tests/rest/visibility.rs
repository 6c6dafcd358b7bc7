//! Who finds, sees and invites whom: every cell, as the people concerned (B2-B6). The tables stand here as B3 to B5 say
//! them, and are not those of the product.

use crate::tenant::{Member, Tenant, ids, organization, owner, text};
use crate::{ADMIN_USERS, NOBODY, SEARCH, USERS, world};
use serde_json::{Value, json};
use world::{Answer, SignedIn, expect};

const MODES: [&str; 5] = ["public", "private", "organization", "closed", "isolated"];
/// What members may be set apart to, for each of `MODES` (B2, B4).
const APART: [&[&str]; 5] = [&["private"], &["public"], &["public"], &["public", "private"], &["public", "private"]];

/// What somebody may do with somebody.
#[derive(Clone, Copy, PartialEq)]
struct Cell {
    finds: bool,
    /// The status of an invitation; none: he may not invite.
    invites: Option<&'static str>,
}

const NO: Cell = Cell { finds: false, invites: None };
const IN: Cell = Cell { finds: false, invites: Some("pending") };
const FI: Cell = Cell { finds: true, invites: Some("pending") };
/// Found, and an invitation accepts itself.
const FA: Cell = Cell { finds: true, invites: Some("auto-accepted") };

type Table = [[Cell; 5]; 5];

/// B3. Rows: the mode of who searches or invites; columns: of who is sought; both in the order of `MODES`.
const OUTSIDERS: Table =
    [[FI, IN, IN, IN, NO], [FI, IN, IN, IN, NO], [FI, IN, IN, IN, NO], [IN, IN, IN, IN, NO], [NO, NO, NO, NO, NO]];

/// B4: inside one organization.
const ORGANIZATION: Table =
    [[FI, IN, FI, FI, FI], [FI, IN, FI, FI, FI], [FI, IN, FA, FI, FI], [FI, IN, FI, FI, FI], [FI, IN, FI, FI, FI]];

/// B5.
const VISIBLE_BY: Table = [[FI; 5]; 5];

/// Somebody with the mode that holds for him.
struct Standing {
    member: Member,
    mode: usize,
    /// For messages: company's mode, and what he was set apart to.
    label: String,
}

/// A company of each mode, with a plain member and one for each way of being set apart.
struct Side {
    companies: Vec<Tenant>,
    people: Vec<Standing>,
    /// First name of all of them.
    token: String,
}

fn mode_of(name: &str) -> usize {
    MODES.iter().position(|mode| *mode == name).expect("a mode of the table")
}

impl Side {
    async fn new(owner: &SignedIn, token: &str, one_organization: Option<&str>) -> Self {
        let own_organization = organization(owner, token).await;
        let (mut companies, mut people) = (Vec::new(), Vec::new());
        for (mode, apart) in MODES.iter().zip(APART) {
            let name = format!("{token}-{mode}");
            let company = match (one_organization, *mode) {
                (Some(organization), _) => Tenant::in_organization(owner, &name, mode, organization).await,
                (None, "organization") => Tenant::in_organization(owner, &name, mode, &own_organization).await,
                (None, _) => Tenant::new(owner, &name, mode).await,
            };
            for (held, visibility) in [(*mode, "same_than_company")].into_iter().chain(apart.iter().map(|a| (*a, *a))) {
                let fields =
                    json!({"firstName": token, "lastName": format!("{mode} {held}"), "visibility": visibility});
                let member = company.member(owner, &format!("{held}-in-{mode}"), fields).await;
                people.push(Standing { member, mode: mode_of(held), label: format!("{mode} as {visibility}") });
            }
            companies.push(company);
        }
        Self { companies, people, token: token.to_owned() }
    }
}

/// Walks every pair of people of two sides.
async fn holds(table: &Table, searching: &Side, sought: &Side, relation: &str) {
    for one in &searching.people {
        let expected: Vec<&Standing> = sought.people.iter().filter(|other| table[one.mode][other.mode].finds).collect();
        lists_show(one, &expected, sought, relation).await;
        for (place, other) in sought.people.iter().enumerate() {
            let cell = table[one.mode][other.mode];
            let told = format!("{relation}: {} to {}", one.label, other.label);
            reads(one, other, cell.finds, &told).await;
            invites(one, other, cell.invites, place % 2 == 0, &told).await;
        }
    }
}

/// Search, and reading by lists, show exactly those.
async fn lists_show(one: &Standing, expected: &[&Standing], sought: &Side, relation: &str) {
    let client = one.member.client();
    let mut wanted: Vec<String> = expected.iter().map(|other| other.member.id().to_owned()).collect();
    wanted.sort();
    let of = |what: fn(&Member) -> &str| {
        sought.people.iter().map(|other| what(&other.member).to_owned()).collect::<Vec<_>>()
    };
    let search = client.get(&format!("{SEARCH}?limit=1000&displayName={}", sought.token)).await;
    assert_eq!(search.json()["total"], json!(wanted.len()), "{relation}: {}: a count tells no more", one.label);
    let answers = [
        search,
        client.post(&format!("{USERS}/ids"), &json!({"id": of(Member::id)})).await,
        client.post(&format!("{USERS}/jids"), &json!({"jid_im": of(|member| member.signed_in.jid())})).await,
        client.post(&format!("{USERS}/loginEmails"), &json!({"loginEmail": of(|member| &member.person.email)})).await,
    ];
    for answer in answers {
        let shown = expect::list(&answer);
        assert_eq!(ids(&shown), wanted, "{relation}: {}: {}", one.label, answer.asked);
        for person in &shown {
            let other = expected.iter().find(|other| person["id"] == json!(other.member.id()));
            expect::distant(person, &other.expect("it is one of those").member.person.email);
        }
    }
}

/// By id and by JID he is there, or is nobody.
async fn reads(one: &Standing, other: &Standing, finds: bool, told: &str) {
    let client = one.member.client();
    let (id, jid) = (other.member.id(), other.member.signed_in.jid());
    let nobody_jid = format!("{NOBODY}@edge.test");
    for (path, asked, nobody) in [(String::new(), id, NOBODY), (String::from("jids/"), jid, nobody_jid.as_str())] {
        let answer = client.get(&format!("{USERS}/{path}{asked}")).await;
        if finds {
            assert_eq!(answer.status, 200, "{told}: {}", answer.text());
            expect::distant(&expect::data(&answer), &other.member.person.email);
        } else {
            assert_eq!(answer.status, 404, "{told}: {}", answer.text());
            let of_nobody = client.get(&format!("{USERS}/{path}{nobody}")).await;
            expect::indistinguishable((&answer, asked), (&of_nobody, nobody));
        }
    }
}

/// Invites him by id or by address, and takes it back.
async fn invites(one: &Standing, other: &Standing, status: Option<&str>, by_id: bool, told: &str) {
    let (client, path) = (one.member.client(), one.member.own("invitations"));
    let body = |id: &str, email: &str| if by_id { json!({ "invitedUserId": id }) } else { json!({ "email": email }) };
    let answer = client.post(&path, &body(other.member.id(), &other.member.person.email)).await;
    let Some(status) = status else {
        assert_eq!(answer.status, 404, "{told}: {}", answer.text());
        let nobody = client.post(&path, &body(NOBODY, "nobody@nowhere.test")).await;
        expect::indistinguishable((&answer, other.member.id()), (&nobody, NOBODY));
        return;
    };
    assert_eq!(answer.status, 200, "{told}: {}", answer.text());
    let invitation = expect::data(&answer);
    assert_eq!(invitation["status"], json!(status), "{told}");
    let joined = one.member.network().await.contains(&other.member.id().to_owned());
    assert_eq!(joined, status == "auto-accepted", "{told}");
    if joined {
        expect::success(&client.delete(&format!("{USERS}/networks/{}", other.member.id())).await);
    }
    expect::success(&client.delete(&format!("{path}/{}", text(&invitation["id"]))).await);
}

#[tokio::test]
async fn outsiders_meet_one_another_as_their_modes_say_b3() {
    let owner = owner().await;
    let (here, there) = (Side::new(&owner, "outhere", None).await, Side::new(&owner, "outthere", None).await);
    holds(&OUTSIDERS, &here, &there, "outsiders").await;
}

#[tokio::test]
async fn companies_made_visible_meet_whatever_their_modes_until_it_ends_b5() {
    let owner = owner().await;
    let (here, there) = (Side::new(&owner, "byhere", None).await, Side::new(&owner, "bythere", None).await);
    for (one, other) in here.companies.iter().flat_map(|one| there.companies.iter().map(move |other| (one, other))) {
        one.visible_by(&owner, other, true).await;
    }
    holds(&VISIBLE_BY, &here, &there, "visible by").await;
    for (one, other) in here.companies.iter().flat_map(|one| there.companies.iter().map(move |other| (one, other))) {
        other.visible_by(&owner, one, false).await;
    }
    for one in &here.people {
        let expected: Vec<&Standing> =
            there.people.iter().filter(|other| OUTSIDERS[one.mode][other.mode].finds).collect();
        lists_show(one, &expected, &there, "no longer visible by").await;
    }
}

#[tokio::test]
async fn an_organization_meets_as_one_company_and_leaves_private_ones_alone_b4() {
    let owner = owner().await;
    let whole = organization(&owner, "whole").await;
    let (here, there) =
        (Side::new(&owner, "orghere", Some(&whole)).await, Side::new(&owner, "orgthere", Some(&whole)).await);
    holds(&ORGANIZATION, &here, &there, "organization").await;
}

#[tokio::test]
async fn colleagues_are_near_in_every_mode_and_need_no_invitation_b6() {
    let owner = owner().await;
    let together = Side::new(&owner, "colleague", None).await;
    for one in &together.people {
        let company = &one.member.person.company;
        let colleagues: Vec<&Standing> = together
            .people
            .iter()
            .filter(|other| other.member.person.company == *company && other.member.id() != one.member.id())
            .collect();
        let mut expected: Vec<String> = colleagues.iter().map(|other| other.member.id().to_owned()).collect();
        expected.sort();
        let mut network = one.member.network().await;
        network.sort();
        assert_eq!(network, expected, "{}", one.label);
        for other in colleagues {
            let told = format!("{} to {}", one.label, other.label);
            let seen = expect::data(&one.member.client().get(&format!("{USERS}/{}", other.member.id())).await);
            assert_eq!(seen["loginEmail"], json!(other.member.person.email), "{told}");
            let body = json!({"invitedUserId": other.member.id()});
            let answer = one.member.client().post(&one.member.own("invitations"), &body).await;
            expect::refusal(&answer, 409);
            let left = one.member.client().delete(&format!("{USERS}/networks/{}", other.member.id())).await;
            expect::refusal(&left, 403);
        }
    }
}

#[tokio::test]
async fn standalone_people_are_outsiders_to_one_another_b6() {
    let edge = &world().edge;
    edge.add_company_of_kind("Standalone", "public", "default");
    let solo = edge.add_person("Standalone", "solo@standalone.test", &[]).sign_in(edge).await;
    let duo = edge.add_person("Standalone", "duo@standalone.test", &[]).sign_in(edge).await;
    let network = expect::list(&solo.client.get(&format!("{USERS}/networks?format=full")).await);
    assert_eq!(network, Vec::<Value>::new());
    let seen = expect::data(&solo.client.get(&format!("{USERS}/{}", duo.id())).await);
    expect::distant(&seen, "duo@standalone.test");
    assert_eq!(seen["isInDefaultCompany"], json!(true));
    let body = json!({"invitedUserId": duo.id()});
    let made = expect::data(&solo.client.post(&format!("{USERS}/{}/invitations", solo.id()), &body).await);
    assert_eq!(made["status"], json!("pending"));
}

/// Sets somebody apart, as an administrator.
async fn set_apart(owner: &SignedIn, id: &str, mode: &str) -> Answer {
    owner.client.put(&format!("{ADMIN_USERS}/{id}"), &json!({ "visibility": mode })).await
}

#[tokio::test]
async fn a_member_is_set_apart_as_the_mode_allows_and_in_no_other_way_b2() {
    let owner = owner().await;
    let all = organization(&owner, "apart").await;
    for (mode, allowed) in MODES.iter().zip(APART) {
        let company = Tenant::in_organization(&owner, &format!("apart-{mode}"), mode, &all).await;
        let member = company.plain(&owner, "somebody").await;
        let told = |answer: &Answer| answer.json()["data"]["visibility"].clone();
        for apart in MODES {
            let answer = set_apart(&owner, member.id(), apart).await;
            if allowed.contains(&apart) {
                assert_eq!(told(&answer), json!(apart), "{mode} to {apart}: {}", answer.text());
            } else {
                let refused = expect::refusal(&answer, 400);
                assert!(text(&refused["errorDetails"]).contains(allowed[0]), "says what is allowed: {refused}");
            }
        }
        assert_eq!(told(&set_apart(&owner, member.id(), "same_than_company").await), json!("same_than_company"));
        for unknown in ["hotspot", "none", ""] {
            expect::refusal(&set_apart(&owner, member.id(), unknown).await, 400);
        }
        let own = format!("{USERS}/{}", member.id());
        let by_himself = member.client().put(&own, &json!({"visibility": allowed[0]})).await;
        assert_eq!(told(&by_himself), json!("same_than_company"), "only an administrator sets apart");
    }
}

#[tokio::test]
async fn a_member_set_apart_follows_when_the_new_mode_does_not_allow_it_b2() {
    let owner = owner().await;
    let (company, other) =
        (Tenant::new(&owner, "turncoat", "private").await, Tenant::new(&owner, "onlooker", "public").await);
    let (open, onlooker) =
        (company.member(&owner, "open", json!({"visibility": "public"})).await, other.plain(&owner, "looks").await);
    let sees = async |expected: u16| {
        let answer = onlooker.client().get(&format!("{USERS}/{}", open.id())).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    };
    sees(200).await;
    company.change(&owner, &json!({"visibility": "isolated"})).await;
    sees(200).await;
    // A public company sets members apart as private only: "public" is then the company's mode, not his own.
    company.change(&owner, &json!({"visibility": "public"})).await;
    sees(200).await;
    expect::success(&set_apart(&owner, open.id(), "private").await);
    sees(404).await;
    company.change(&owner, &json!({"visibility": "private"})).await;
    sees(404).await;
    company.change(&owner, &json!({"visibility": "public"})).await;
    sees(404).await;
}
