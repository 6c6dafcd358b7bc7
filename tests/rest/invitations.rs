//! The life of an invitation, leaving a network, blocking (B6).

use crate::tenant::{Member, Tenant, owner, text};
use crate::{BLOCKLIST, NOBODY, SEARCH, USERS};
use serde_json::{Value, json};
use world::{Answer, expect};

/// Two people of two public companies, who find and may invite one another, and a third of the second company.
struct Two {
    ann: Member,
    ben: Member,
    cid: Member,
}

impl Two {
    async fn new(test: &str) -> Self {
        let owner = owner().await;
        let here = Tenant::new(&owner, &format!("{test}-here"), "public").await;
        let there = Tenant::new(&owner, &format!("{test}-there"), "public").await;
        Self {
            ann: here.plain(&owner, "ann").await,
            ben: there.plain(&owner, "ben").await,
            cid: there.plain(&owner, "cid").await,
        }
    }

    /// Whether each has the other in the network, and sees the address.
    async fn are_joined(&self) -> bool {
        let mut joined = Vec::new();
        for (one, other) in [(&self.ann, &self.ben), (&self.ben, &self.ann)] {
            let seen = expect::data(&one.client().get(&format!("{USERS}/{}", other.id())).await);
            let near = seen["loginEmail"] == json!(other.person.email);
            if !near {
                expect::distant(&seen, &other.person.email);
            }
            assert_eq!(one.network().await.contains(&other.id().to_owned()), near);
            joined.push(near);
        }
        assert_eq!(joined[0], joined[1], "a network has two sides");
        joined[0]
    }
}

async fn list(who: &Member, side: &str, query: &str) -> Vec<Value> {
    expect::list(&who.client().get(&format!("{}?format=full&{query}", who.own(&format!("invitations/{side}")))).await)
}

/// An invitation by id, as somebody sees it.
async fn read(who: &Member, invitation: &Value) -> Answer {
    who.client().get(&who.own(&format!("invitations/{}", text(&invitation["id"])))).await
}

async fn status(who: &Member, invitation: &Value) -> String {
    text(&expect::data(&read(who, invitation).await)["status"]).to_owned()
}

#[tokio::test]
async fn an_accepted_invitation_joins_two_people_until_one_leaves_b6() {
    let two = Two::new("accept").await;
    assert!(!two.are_joined().await);
    let invitation = two.ann.invites(&two.ben).await;
    for (key, expected) in [
        ("invitingUserId", json!(two.ann.id())),
        ("invitedUserId", json!(two.ben.id())),
        ("status", json!("pending")),
        ("type", json!("visibility")),
    ] {
        assert_eq!(invitation[key], expected, "{key}");
    }
    assert!(invitation["invitingDate"].is_string() && invitation["lastNotificationDate"].is_string());
    assert_eq!(invitation["invitedUserEmail"], json!(null), "the inviter does not see the address");
    assert_eq!(list(&two.ann, "sent", "status=pending").await, std::slice::from_ref(&invitation));
    assert_eq!(list(&two.ben, "received", "status=pending").await[0]["id"], invitation["id"]);
    assert!(list(&two.cid, "received", "").await.is_empty());
    assert!(!two.are_joined().await, "an invitation alone joins nobody");

    for _ in 0..2 {
        let accepted = expect::data(&two.ben.does("accept", &invitation).await);
        assert_eq!(accepted["status"], json!("accepted"), "the same answer again changes nothing");
        assert!(two.are_joined().await);
    }
    for (who, what) in [(&two.ben, "decline"), (&two.ann, "cancel"), (&two.ann, "re-send")] {
        expect::refusal(&who.does(what, &invitation).await, 409);
    }
    expect::refusal(
        &two.ann.client().post(&two.ann.own("invitations"), &json!({"invitedUserId": two.ben.id()})).await,
        409,
    );
    assert_eq!(list(&two.ann, "sent", "status=pending").await, Vec::<Value>::new());
    assert_eq!(list(&two.ben, "received", "status=pending&status=accepted").await.len(), 1);
    assert_eq!(expect::data(&read(&two.ann, &invitation).await)["invitedUserEmail"], json!(two.ben.person.email));

    let leave =
        |who: &Member, whom: &Member| who.client().request("DELETE", &format!("{USERS}/networks/{}", whom.id()));
    expect::success(&leave(&two.ben, &two.ann).send().await);
    assert!(!two.are_joined().await);
    expect::refusal(&leave(&two.ben, &two.ann).send().await, 404);
    expect::refusal(&leave(&two.ann, &two.ben).send().await, 404);
    let again = two.ben.invites(&two.ann).await;
    assert_eq!(again["status"], json!("pending"), "what was left is asked for anew");
    expect::success(&two.ann.does("accept", &again).await);
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn a_declined_invitation_joins_nobody_and_the_inviter_is_not_told_b6() {
    let two = Two::new("decline").await;
    let invitation = two.ann.invites(&two.ben).await;
    let before = expect::data(&read(&two.ann, &invitation).await);
    for _ in 0..2 {
        let declined = expect::data(&two.ben.does("decline", &invitation).await);
        assert_eq!(declined["status"], json!("declined"));
    }
    assert!(!two.are_joined().await);
    expect::refusal(&two.ben.does("accept", &invitation).await, 409);
    assert_eq!(expect::data(&read(&two.ann, &invitation).await), before, "to the inviter it still waits");
    assert_eq!(list(&two.ann, "sent", "status=pending").await, std::slice::from_ref(&before));
    assert_eq!(list(&two.ben, "received", "status=pending").await, Vec::<Value>::new());
    assert_eq!(list(&two.ben, "received", "status=declined").await[0]["id"], invitation["id"]);
    assert_eq!(two.ann.invites(&two.ben).await["id"], invitation["id"], "asking again is the same invitation");
    assert_eq!(list(&two.ben, "received", "status=pending").await, Vec::<Value>::new(), "and does not insist");

    assert_eq!(expect::data(&two.ann.does("cancel", &invitation).await)["status"], json!("canceled"));
    let anew = two.ann.invites(&two.ben).await;
    assert_ne!(anew["id"], invitation["id"]);
    expect::success(&two.ben.does("accept", &anew).await);
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn whoever_declined_may_still_invite_b6() {
    let two = Two::new("change-of-mind").await;
    let invitation = two.ann.invites(&two.ben).await;
    expect::success(&two.ben.does("decline", &invitation).await);
    let back = two.ben.invites(&two.ann).await;
    assert_eq!(back["status"], json!("pending"));
    assert!(!two.are_joined().await);
    expect::success(&two.ann.does("accept", &back).await);
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn a_canceled_invitation_can_no_longer_be_accepted_b6() {
    let two = Two::new("cancel").await;
    let invitation = two.ann.invites(&two.ben).await;
    for _ in 0..2 {
        assert_eq!(expect::data(&two.ann.does("cancel", &invitation).await)["status"], json!("canceled"));
    }
    assert_eq!(status(&two.ben, &invitation).await, "canceled");
    expect::refusal(&two.ben.does("accept", &invitation).await, 409);
    expect::refusal(&two.ben.does("decline", &invitation).await, 409);
    expect::refusal(&two.ann.does("re-send", &invitation).await, 409);
    assert!(!two.are_joined().await);
}

#[tokio::test]
async fn a_deleted_invitation_is_off_both_lists_and_can_be_made_anew_b6() {
    let two = Two::new("delete").await;
    let invitation = two.ann.invites(&two.ben).await;
    let path = two.ann.own(&format!("invitations/{}", text(&invitation["id"])));
    expect::success(&two.ann.client().delete(&path).await);
    for who in [&two.ann, &two.ben] {
        expect::refusal(&read(who, &invitation).await, 404);
    }
    expect::refusal(&two.ann.client().delete(&path).await, 404);
    expect::refusal(&two.ben.does("accept", &invitation).await, 404);
    assert!(list(&two.ben, "received", "").await.is_empty());
    assert_eq!(two.ann.invites(&two.ben).await["status"], json!("pending"));
}

#[tokio::test]
async fn whoever_takes_back_and_asks_again_is_stopped_b6_e5() {
    let two = Two::new("insist").await;
    for _ in 0..10 {
        let invitation = two.ann.invites(&two.ben).await;
        let path = two.ann.own(&format!("invitations/{}", text(&invitation["id"])));
        expect::success(&two.ann.client().delete(&path).await);
    }
    let path = two.ann.own("invitations");
    expect::refusal(&two.ann.client().post(&path, &json!({"invitedUserId": two.ben.id()})).await, 429);
    assert!(list(&two.ben, "received", "").await.is_empty());
}

#[tokio::test]
async fn who_was_declined_is_accepted_by_inviting_back_b6() {
    let two = Two::new("second-thought").await;
    let first = two.ann.invites(&two.ben).await;
    expect::data(&two.ben.does("decline", &first).await);
    two.ben.invites(&two.ann).await;
    two.ann.invites(&two.ben).await;
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn addresses_asked_for_in_vain_are_counted_b3_e5() {
    let two = Two::new("vain").await;
    let path = two.ann.own("invitations");
    for number in 0..100 {
        let guess = json!({"email": format!("guess{number}@nowhere.test")});
        expect::refusal(&two.ann.client().post(&path, &guess).await, 404);
    }
    expect::refusal(&two.ann.client().post(&path, &json!({"email": "ben@vain-there.test"})).await, 429);
}

#[tokio::test]
async fn two_who_invite_one_another_are_joined_at_once_b6() {
    let two = Two::new("mutual").await;
    let invitation = two.ann.invites(&two.ben).await;
    assert_eq!(two.ann.invites(&two.ben).await["id"], invitation["id"], "inviting twice is one invitation");
    assert_eq!(expect::data(&two.ann.does("re-send", &invitation).await)["status"], json!("pending"));
    let back = two.ben.invites(&two.ann).await;
    assert_eq!((&back["id"], &back["status"]), (&invitation["id"], &json!("accepted")));
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn the_wrong_side_is_forbidden_and_a_stranger_meets_nothing_b6() {
    let two = Two::new("sides").await;
    let invitation = two.ann.invites(&two.ben).await;
    let id = text(&invitation["id"]);
    for (who, what) in [(&two.ann, "accept"), (&two.ann, "decline"), (&two.ben, "cancel"), (&two.ben, "re-send")] {
        expect::refusal(&who.does(what, &invitation).await, 403);
    }
    expect::refusal(&two.ben.client().delete(&two.ben.own(&format!("invitations/{id}"))).await, 403);
    for (method, rest) in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/accept"),
        ("POST", "/decline"),
        ("POST", "/cancel"),
        ("POST", "/re-send"),
    ] {
        let ask = |id: &str| two.cid.client().request(method, &two.cid.own(&format!("invitations/{id}{rest}")));
        let (foreign, missing) = (ask(id).send().await, ask(NOBODY).send().await);
        expect::refusal(&foreign, 404);
        expect::indistinguishable((&foreign, id), (&missing, NOBODY));
        // The path of somebody else's account, whom one sees, is closed.
        let path = two.ben.own(&format!("invitations/{id}{rest}"));
        expect::refusal(&two.cid.client().request(method, &path).send().await, 403);
    }
    assert_eq!(status(&two.ben, &invitation).await, "pending");
    assert!(!two.are_joined().await);
}

#[tokio::test]
async fn who_is_invited_by_address_is_not_told_before_accepting_b3_b6() {
    let owner = owner().await;
    let here = Tenant::new(&owner, "address-here", "public").await;
    let there = Tenant::new(&owner, "address-there", "closed").await;
    // A name of his own: other tests have people of the usual names whom everybody finds.
    let (ann, ben) = (here.plain(&owner, "ann").await, there.plain(&owner, "veiled").await);
    let body = json!({"email": ben.person.email.to_uppercase(), "lang": "en", "customMessage": "hello"});
    let invitation = expect::data(&ann.client().post(&ann.own("invitations"), &body).await);
    assert_eq!(invitation["invitedUserId"], json!(null), "{invitation}");
    assert_eq!(invitation["invitedUserEmail"], json!(ben.person.email));
    for answer in [
        ann.client().get(&ann.own("invitations/sent")).await,
        ann.client().get(&format!("{USERS}/{}", ben.id())).await,
        ann.client().get(&format!("{SEARCH}?displayName={}", ben.person.first_name)).await,
        ann.client().post(&format!("{USERS}/loginEmails"), &json!({"loginEmail": ben.person.email})).await,
    ] {
        let told = answer.text().replace(&answer.asked, "");
        for word in [ben.id(), &ben.person.last_name] {
            assert!(!told.contains(word), "{}: {word:?} is told before: {told}", answer.asked);
        }
    }
    let inviter = expect::data(&ben.client().get(&format!("{USERS}/{}", ann.id())).await);
    assert_eq!(inviter["lastName"], json!(ann.person.last_name), "who is asked sees who asks");
    expect::distant(&inviter, &ann.person.email);
    expect::success(&ben.does("accept", &invitation).await);
    let accepted = expect::data(&read(&ann, &invitation).await);
    assert_eq!(accepted["invitedUserId"], json!(ben.id()));
    let found = expect::list(&ann.client().get(&format!("{SEARCH}?displayName={}", ben.person.first_name)).await);
    assert_eq!(found.len(), 1, "a private contact in the network is found");
}

#[tokio::test]
async fn many_addresses_at_once_are_each_answered_b6() {
    let owner = owner().await;
    let here = Tenant::new(&owner, "bulk-here", "public").await;
    let shut = Tenant::new(&owner, "bulk-shut", "isolated").await;
    let two = Two::new("bulk-two").await;
    let (ann, colleague) = (here.plain(&owner, "ann").await, here.plain(&owner, "al").await);
    let hidden = shut.plain(&owner, "hid").await;
    let emails =
        [&two.ben.person.email, &hidden.person.email, "nobody@nowhere.test", "no address", &colleague.person.email];
    let answer = ann.client().post(&ann.own("invitations/bulk"), &json!({"emails": emails, "lang": "en"})).await;
    let report = expect::data(&answer)["report"].clone();
    assert_eq!(report["status"], json!("ongoing"));
    assert_eq!(report["counters"], json!({"total": 5, "ongoing": 1, "failed": 4}));
    assert_eq!((&report["ongoing"][0]["email"], &report["ongoing"][0]["index"]), (&json!(emails[0]), &json!(0)));
    let failed = report["failed"].as_array().expect("a list");
    let codes: Vec<&Value> = failed.iter().map(|one| &one["errors"][0]["errorCode"]).collect();
    assert_eq!(codes, [&json!(404), &json!(404), &json!(404), &json!(409)]);
    assert_eq!(failed[0]["errors"], failed[1]["errors"], "hidden and missing are told in the same words");
    assert_eq!(list(&two.ben, "received", "status=pending").await.len(), 1);
    assert!(list(&hidden, "received", "").await.is_empty());
    for wrong in [json!({}), json!({"emails": []}), json!({"emails": vec!["a@b.test"; 101]}), json!({"emails": [7]})] {
        expect::refusal(&ann.client().post(&ann.own("invitations/bulk"), &wrong).await, 400);
    }
}

#[tokio::test]
async fn lists_of_invitations_filter_and_page_b6() {
    let two = Two::new("pages").await;
    let owner = owner().await;
    let more = Tenant::new(&owner, "pages-more", "public").await;
    let (dan, eli) = (more.plain(&owner, "dan").await, more.plain(&owner, "eli").await);
    for whom in [&two.ben, &dan, &eli] {
        two.ann.invites(whom).await;
    }
    let path = |query: &str| format!("{}?{query}", two.ann.own("invitations/sent"));
    let mut seen = Vec::new();
    for offset in 0..3 {
        let page = two.ann.client().get(&path(&format!("limit=1&offset={offset}&sortField=status&sortOrder=1"))).await;
        assert_eq!(page.json()["total"], json!(3));
        seen.extend(expect::list(&page).iter().map(|one| text(&one["invitedUserId"]).to_owned()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    for (query, count) in [("status=accepted", 0), ("status=pending%2Caccepted", 3), ("status=failed", 0)] {
        assert_eq!(expect::list(&two.ann.client().get(&path(query)).await).len(), count, "{query}");
    }
    expect::refusal(&two.ann.client().get(&path("status=lost")).await, 400);
}

#[tokio::test]
async fn nobody_invites_himself_or_rubbish_b6() {
    let two = Two::new("rubbish").await;
    let path = two.ann.own("invitations");
    let himself = two.ann.client().post(&path, &json!({"invitedUserId": two.ann.id()})).await;
    expect::refusal(&himself, 403);
    for (body, status) in [
        (json!({}), 400),
        (json!({"invitedUserId": "7"}), 400),
        (json!({"invitedUserId": 7}), 400),
        (json!({"email": ["a@b.test"]}), 400),
        (json!({"invitedPhoneNumber": "+33123456789"}), 400),
        (json!({"email": "no address"}), 404),
        (json!({"invitedUserId": NOBODY}), 404),
    ] {
        expect::refusal(&two.ann.client().post(&path, &body).await, status);
    }
    assert!(list(&two.ann, "sent", "").await.is_empty());
}

#[tokio::test]
async fn who_is_blocked_finds_and_invites_the_blocker_no_longer_b6() {
    let two = Two::new("block").await;
    let invitation = two.ann.invites(&two.ben).await;
    let entry = |whom: &str| format!("{BLOCKLIST}/{whom}");
    for _ in 0..2 {
        let blocked = expect::data(&two.ben.client().put(&entry(two.ann.id()), &json!({})).await);
        assert_eq!(blocked, json!({"id": two.ann.id(), "blocked": true}));
    }
    let listed = expect::list(&two.ben.client().get(BLOCKLIST).await);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], json!(two.ann.id()));
    assert!(expect::list(&two.ann.client().get(BLOCKLIST).await).is_empty());
    assert_eq!(status(&two.ann, &invitation).await, "pending", "the blocked one is not told");
    assert!(list(&two.ben, "received", "status=pending").await.is_empty());

    let hidden = two.ann.client().get(&format!("{USERS}/{}", two.ben.id())).await;
    expect::refusal(&hidden, 404);
    let missing = two.ann.client().get(&format!("{USERS}/{NOBODY}")).await;
    expect::indistinguishable((&hidden, two.ben.id()), (&missing, NOBODY));
    let search = format!("{SEARCH}?displayName=Firstnameben&companyId={}", two.ben.signed_in.company_id());
    assert!(expect::list(&two.ann.client().get(&search).await).is_empty());
    let other = two.ann.client().get(&format!("{USERS}/{}", two.cid.id())).await;
    assert_eq!(other.status, 200, "the blocker's colleagues are still there");

    let freed = expect::data(&two.ben.client().delete(&entry(two.ann.id())).await);
    assert_eq!(freed["blocked"], json!(false));
    assert!(expect::list(&two.ben.client().get(BLOCKLIST).await).is_empty());
    assert!(!two.are_joined().await);
    expect::success(&two.ann.does("cancel", &invitation).await);
    expect::success(&two.ben.does("accept", &two.ann.invites(&two.ben).await).await);
    assert!(two.are_joined().await);
}

#[tokio::test]
async fn nobody_blocks_whom_he_may_not_know_of_b3() {
    let two = Two::new("unseen").await;
    let owner = owner().await;
    let shut = Tenant::new(&owner, "unseen-shut", "isolated").await;
    let hidden = shut.plain(&owner, "hid").await;
    for method in ["PUT", "DELETE"] {
        let ask = |id: &str| two.ann.client().request(method, &format!("{BLOCKLIST}/{id}"));
        let (foreign, missing) = (ask(hidden.id()).send().await, ask(NOBODY).send().await);
        expect::refusal(&foreign, 404);
        expect::indistinguishable((&foreign, hidden.id()), (&missing, NOBODY));
        expect::refusal(&ask(two.ann.id()).send().await, 403);
    }
}
