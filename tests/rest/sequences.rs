//! No sequence of what people and administrators do lets anybody read, find, count or infer what a naive reference model
//! forbids (B1-B7): seeded sequences against a box of their own, everything compared after every step.

mod model;

use crate::{NOBODY, USERS};
use model::{Asked, Company, Member, Mode, Model, pair};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use world::device::STORE;
use world::{Answer, Device, EdgeBox, Person, Seeded, SignedIn, expect};

const COMPANIES: usize = 4;
const PEOPLE: usize = 7;
const SURNAME: &str = "Sondermannsen";

/// The person of a company; the last company has one only.
const COMPANY_OF: [usize; PEOPLE] = [0, 0, 1, 1, 2, 2, 3];

fn steps() -> u32 {
    if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 1500 } else { 150 }
}

struct Play {
    edge: EdgeBox,
    owner: SignedIn,
    companies: Vec<String>,
    organizations: Vec<String>,
    people: Vec<SignedIn>,
    model: Model,
    messages: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_acts_shows_more_than_the_reference_model_allows_b1_b2_b3_b4_b5_b6_b7() {
    let mut chance = Seeded::from_environment();
    let mut play = Play::prepare().await;
    for step in 0..steps() {
        let act = play.act(&mut chance).await;
        let observer = index(&mut chance, PEOPLE);
        let at = format!("step {step}, after {act}, as {observer}");
        play.compare_people(observer, &at).await;
        play.compare_lists(observer, &at).await;
        play.compare_companies(observer, &at).await;
        if step % 10 == 0 {
            play.compare_presence(observer, &at).await;
        }
    }
}

fn index(chance: &mut Seeded, until: usize) -> usize {
    usize::try_from(chance.between(0, until as u64)).expect("a small number")
}

fn ids(list: &[Value]) -> BTreeSet<String> {
    list.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Preparing.
impl Play {
    async fn prepare() -> Self {
        let edge = EdgeBox::init();
        edge.start();
        let owner = Person::first_admin().sign_in(&edge).await;
        let mut play = Self {
            edge,
            owner,
            companies: Vec::new(),
            organizations: Vec::new(),
            people: Vec::new(),
            model: Model::default(),
            messages: 0,
        };
        for number in 0..COMPANIES {
            play.add_company(number).await;
        }
        for number in 0..2 {
            let body = json!({"name": format!("Organization {number}")});
            let made = expect::data(&play.owner.client.post("/api/rainbow/admin/v1.0/organisations", &body).await);
            play.organizations.push(made["id"].as_str().expect("an id").to_owned());
        }
        for (number, company) in COMPANY_OF.into_iter().enumerate() {
            play.add_person(number, company).await;
        }
        play
    }

    async fn add_company(&mut self, number: usize) {
        let body = json!({"name": format!("{SURNAME} Works {number}"), "visibility": "public"});
        let made = expect::data(&self.owner.client.post("/api/rainbow/admin/v1.0/companies", &body).await);
        self.companies.push(made["id"].as_str().expect("an id").to_owned());
        self.model.companies.push(Company { mode: Mode::Public, organization: None });
    }

    async fn add_person(&mut self, number: usize, company: usize) {
        let mut person = Person::named("", &format!("p{number}@model.test"));
        person.last_name = SURNAME.to_owned();
        let body = json!({
            "companyId": self.companies[company], "loginEmail": person.email, "password": person.password,
            "firstName": person.first_name, "lastName": person.last_name, "roles": ["user"],
        });
        expect::data(&self.owner.client.post("/api/rainbow/admin/v1.0/users", &body).await);
        self.people.push(person.sign_in(&self.edge).await);
        self.model.members.push(Member { company, set_apart: None });
    }

    fn email(&self, of: usize) -> &str {
        self.people[of].user["loginEmail"].as_str().expect("an address")
    }

    fn who(&self, id: &str) -> usize {
        self.people.iter().position(|person| person.id() == id).unwrap_or_else(|| panic!("{id} is nobody of the play"))
    }
}

/// Acts; each answer is what the model says.
impl Play {
    async fn act(&mut self, chance: &mut Seeded) -> String {
        let (one, other) = (index(chance, PEOPLE), index(chance, PEOPLE));
        match chance.between(0, 14) {
            0 => self.set_mode(chance).await,
            1 => self.set_grant(chance).await,
            2 => self.set_organization(chance).await,
            3 => self.set_apart(one, chance).await,
            4..=6 => self.invite(one, other, chance.between(0, 2) == 0).await,
            7 | 8 => self.answer(chance, true).await,
            9 => self.answer(chance, false).await,
            10 => self.cancel(chance).await,
            11 => self.leave(one, other).await,
            12 => self.block(one, other, chance.between(0, 3) == 0).await,
            _ => self.write(one, other).await,
        }
    }

    async fn set_mode(&mut self, chance: &mut Seeded) -> String {
        let (company, mode) = (index(chance, COMPANIES), Mode::ALL[index(chance, 5)]);
        let path = format!("/api/rainbow/admin/v1.0/companies/{}", self.companies[company]);
        let answer = self.owner.client.put(&path, &json!({"visibility": mode.name()})).await;
        if mode == Mode::Organization && self.model.companies[company].organization.is_none() {
            expect::refusal(&answer, 400);
        } else {
            expect::data(&answer);
            self.model.companies[company].mode = mode;
        }
        format!("company {company} is {mode:?}")
    }

    async fn set_grant(&mut self, chance: &mut Seeded) -> String {
        let (one, other) = (index(chance, COMPANIES), index(chance, COMPANIES));
        if one == other {
            return String::from("nothing");
        }
        let on = !self.model.grants.contains(&pair(one, other));
        let path =
            format!("/api/rainbow/admin/v1.0/companies/{}/visible-by/{}", self.companies[one], self.companies[other]);
        let answer =
            if on { self.owner.client.post(&path, &json!({})).await } else { self.owner.client.delete(&path).await };
        expect::data(&answer);
        if on {
            self.model.grants.insert(pair(one, other));
        } else {
            self.model.grants.remove(&pair(one, other));
        }
        format!("companies {one} and {other} visible: {on}")
    }

    async fn set_organization(&mut self, chance: &mut Seeded) -> String {
        let (company, organization) = (index(chance, COMPANIES), index(chance, 3));
        let organization = (organization < 2).then_some(organization);
        let path = format!("/api/rainbow/admin/v1.0/companies/{}", self.companies[company]);
        let id = organization.map(|number| self.organizations[number].as_str());
        let answer = self.owner.client.put(&path, &json!({"organisationId": id})).await;
        if organization.is_none() && self.model.companies[company].mode == Mode::Organization {
            expect::refusal(&answer, 400);
        } else {
            expect::data(&answer);
            self.model.companies[company].organization = organization;
        }
        format!("company {company} in organization {organization:?}")
    }

    async fn set_apart(&mut self, who: usize, chance: &mut Seeded) -> String {
        let apart = [None, Some(Mode::Public), Some(Mode::Private), Some(Mode::Closed)][index(chance, 4)];
        let company = self.model.companies[self.model.members[who].company].mode;
        let known = match (company, apart) {
            (_, None) | (Mode::Public, Some(Mode::Private)) => true,
            (Mode::Private | Mode::Organization, Some(mode)) => mode == Mode::Public,
            (Mode::Closed | Mode::Isolated, Some(mode)) => matches!(mode, Mode::Public | Mode::Private),
            (Mode::Public, Some(_)) => false,
        };
        let path = format!("/api/rainbow/admin/v1.0/users/{}", self.people[who].id());
        let name = apart.map_or("same_than_company", Mode::name);
        let answer = self.owner.client.put(&path, &json!({"visibility": name})).await;
        if known {
            expect::data(&answer);
            self.model.members[who].set_apart = apart;
        } else {
            expect::refusal(&answer, 400);
        }
        format!("{who} set apart {apart:?} ({known})")
    }

    async fn invite(&mut self, one: usize, other: usize, by_address: bool) -> String {
        let path = format!("{USERS}/{}/invitations", self.people[one].id());
        let body = if by_address {
            json!({"email": self.email(other)})
        } else {
            json!({"invitedUserId": self.people[other].id()})
        };
        let answer = self.people[one].client.post(&path, &body).await;
        match self.invited(one, other) {
            200 => {
                expect::data(&answer);
            }
            status => {
                expect::refusal(&answer, status);
            }
        }
        format!("{one} invites {other}")
    }

    /// What an invitation changes, and how it is answered.
    fn invited(&mut self, one: usize, other: usize) -> u16 {
        let model = &mut self.model;
        if model.in_network(one, other) {
            return 409;
        }
        if !model.may_invite(one, other) {
            let refusal = if model.knows(one, other) { 403 } else { 404 };
            return if model.has_asked(one, other) { 200 } else { refusal };
        }
        if model.waits(other, one) {
            model.join(one, other);
            return 200;
        }
        let itself = model.accepts_itself(one, other);
        if model.has_asked(one, other) && !itself {
            return 200;
        }
        let made = model.made.entry((one, other)).or_default();
        if *made >= 5 {
            return 429;
        }
        *made += 1;
        if itself {
            model.join(one, other);
        } else {
            model.asked.push((one, other, Asked::Waits));
        }
        200
    }

    async fn answer(&mut self, chance: &mut Seeded, accept: bool) -> String {
        let waiting: Vec<(usize, usize)> =
            self.model.asked.iter().filter(|asked| asked.2 == Asked::Waits).map(|asked| (asked.0, asked.1)).collect();
        if waiting.is_empty() {
            return String::from("nothing");
        }
        let (inviter, invited) = waiting[index(chance, waiting.len())];
        let id = self.invitation(invited, "received", inviter).await;
        let verb = if accept { "accept" } else { "decline" };
        let path = format!("{USERS}/{}/invitations/{id}/{verb}", self.people[invited].id());
        expect::data(&self.people[invited].client.post(&path, &json!({})).await);
        if accept {
            self.model.join(inviter, invited);
        } else {
            self.model.asked.retain(|asked| (asked.0, asked.1) != (inviter, invited));
            self.model.asked.push((inviter, invited, Asked::Declined));
        }
        format!("{invited} answers {inviter}: {verb}")
    }

    async fn cancel(&mut self, chance: &mut Seeded) -> String {
        if self.model.asked.is_empty() {
            return String::from("nothing");
        }
        let (inviter, invited, _) = self.model.asked[index(chance, self.model.asked.len())];
        let id = self.sent_invitation(inviter, invited).await;
        let path = format!("{USERS}/{}/invitations/{id}/cancel", self.people[inviter].id());
        expect::data(&self.people[inviter].client.post(&path, &json!({})).await);
        self.model.asked.retain(|asked| (asked.0, asked.1) != (inviter, invited));
        format!("{inviter} cancels the invitation of {invited}")
    }

    /// The id of the invitation of `inviter` that waits, in the list of the invited one.
    async fn invitation(&self, of: usize, side: &str, inviter: usize) -> String {
        let path = format!("{USERS}/{}/invitations/{side}?status=pending&limit=500", self.people[of].id());
        let list = expect::list(&self.people[of].client.get(&path).await);
        let found = list.iter().find(|one| one["invitingUserId"] == json!(self.people[inviter].id()));
        found.unwrap_or_else(|| panic!("{of} has no invitation of {inviter}: {list:?}"))["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// The inviter's own list may not say who it was: asking again answers the same invitation.
    async fn sent_invitation(&self, inviter: usize, invited: usize) -> String {
        let path = format!("{USERS}/{}/invitations/sent?status=pending&limit=500", self.people[inviter].id());
        let list = expect::list(&self.people[inviter].client.get(&path).await);
        let (id, email) = (json!(self.people[invited].id()), json!(self.email(invited)));
        let found = list.iter().find(|one| one["invitedUserId"] == id || one["invitedUserEmail"] == email);
        found.unwrap_or_else(|| panic!("{inviter} has no invitation of {invited}: {list:?}"))["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    async fn leave(&mut self, one: usize, other: usize) -> String {
        let path = format!("{USERS}/networks/{}", self.people[other].id());
        let answer = self.people[one].client.delete(&path).await;
        if self.model.joined.remove(&pair(one, other)) {
            expect::success(&answer);
        } else if self.model.in_network(one, other) || one == other {
            expect::refusal(&answer, 403);
        } else {
            expect::refusal(&answer, 404);
        }
        format!("{one} leaves {other}")
    }

    async fn block(&mut self, one: usize, other: usize, on: bool) -> String {
        let path = format!("/api/edge/v1/blocklist/{}", self.people[other].id());
        let client = &self.people[one].client;
        let answer = if on { client.put(&path, &json!({})).await } else { client.delete(&path).await };
        let already = self.model.blocked.contains(&(one, other));
        if one == other {
            expect::refusal(&answer, 403);
        } else if !already && !self.model.knows(one, other) {
            expect::refusal(&answer, 404);
        } else {
            expect::success(&answer);
            self.blocked(one, other, on);
        }
        format!("{one} blocks {other}: {on}")
    }

    fn blocked(&mut self, one: usize, other: usize, on: bool) {
        if !on {
            self.model.blocked.remove(&(one, other));
            return;
        }
        if !self.model.blocked.insert((one, other)) {
            return;
        }
        self.model.asked.retain(|asked| *asked != (one, other, Asked::Waits));
        for asked in &mut self.model.asked {
            if (asked.0, asked.1) == (other, one) {
                asked.2 = Asked::Declined;
            }
        }
    }

    async fn write(&mut self, one: usize, other: usize) -> String {
        self.messages += 1;
        let id = format!("m{}", self.messages);
        let mut device = Device::sign_in(&self.edge, &self.people[one], "node_writes").await;
        device.chat(self.people[other].jid(), &id, &format!("<body>{id}</body>{STORE}")).await;
        device.settle().await;
        let refused =
            !device.take_received(|e| e.attr("id") == Some(&id) && e.attr("type") == Some("error")).is_empty();
        assert_eq!(refused, !self.model.reaches(one, other), "{one} writes to {other}");
        device.leave().await;
        format!("{one} writes to {other}")
    }
}

/// Comparisons: what one person can learn is what the model says, no more and no less.
impl Play {
    async fn compare_people(&self, observer: usize, at: &str) {
        let me = &self.people[observer];
        let missing = me.client.get(&format!("{USERS}/{NOBODY}")).await;
        for (number, person) in self.people.iter().enumerate() {
            let answers = [
                me.client.get(&format!("{USERS}/{}", person.id())).await,
                me.client.get(&format!("{USERS}/jids/{}", person.jid())).await,
            ];
            for answer in &answers {
                if self.model.knows(observer, number) {
                    self.compare_shown(observer, number, answer, at);
                } else {
                    expect::indistinguishable((answer, person.id()), (&missing, NOBODY));
                }
            }
        }
    }

    /// Addresses are for the network.
    fn compare_shown(&self, observer: usize, number: usize, answer: &Answer, at: &str) {
        assert_eq!(answer.status, 200, "{at}: {number} is known");
        let near = observer == number || self.model.in_network(observer, number);
        assert_eq!(answer.text().contains(self.email(number)), near, "{at}: address of {number}");
        let company = self.model.members[number].company;
        let named = near || self.model.shows_page(company, observer);
        let name = format!("{SURNAME} Works {company}");
        assert_eq!(answer.text().contains(&name), named, "{at}: company of {number}: {}", answer.text());
    }

    async fn compare_lists(&self, observer: usize, at: &str) {
        let me = &self.people[observer];
        let all: Vec<&str> = self.people.iter().map(SignedIn::id).collect();
        let emails: Vec<&str> = (0..PEOPLE).map(|number| self.email(number)).collect();
        let known = |fits: &dyn Fn(usize) -> bool| -> BTreeSet<String> {
            (0..PEOPLE).filter(|number| fits(*number)).map(|number| self.people[number].id().to_owned()).collect()
        };
        let knows = known(&|other| self.model.knows(observer, other));
        for (noun, body) in [("ids", json!({"id": all})), ("loginEmails", json!({"loginEmail": emails}))] {
            let answer = me.client.post(&format!("{USERS}/{noun}?limit=100"), &body).await;
            assert_eq!(ids(&expect::list(&answer)), knows, "{at}: {noun}");
            assert_eq!(answer.json()["total"], json!(knows.len()), "{at}: total of {noun}");
        }
        let finds = known(&|other| other != observer && self.model.finds(observer, other));
        let answer = me.client.get(&format!("/api/rainbow/search/v1.0/users?displayName={SURNAME}&limit=100")).await;
        assert_eq!(ids(&expect::list(&answer)), finds, "{at}: search");
        assert_eq!(answer.json()["total"], json!(finds.len()), "{at}: total of the search");
        let network = known(&|other| self.model.in_network(observer, other));
        assert_eq!(ids(&expect::list(&me.client.get(&format!("{USERS}/networks")).await)), network, "{at}: network");
        let asked: BTreeSet<usize> = (0..PEOPLE).filter(|other| self.model.waits(*other, observer)).collect();
        let path = format!("{USERS}/{}/invitations/received?status=pending&limit=500", me.id());
        let received = expect::list(&me.client.get(&path).await);
        let inviters = received.iter().map(|one| self.who(one["invitingUserId"].as_str().expect("an id"))).collect();
        assert_eq!(asked, inviters, "{at}: invitations");
    }

    async fn compare_companies(&self, observer: usize, at: &str) {
        let me = &self.people[observer];
        let shown: BTreeSet<String> = (0..COMPANIES)
            .filter(|company| self.model.shows_page(*company, observer))
            .map(|company| self.companies[company].clone())
            .collect();
        let path = format!("/api/rainbow/enduser/v1.0/companies?name={SURNAME}&limit=100");
        let answer = me.client.get(&path).await;
        assert_eq!(ids(&expect::list(&answer)), shown, "{at}: companies");
        assert_eq!(answer.json()["total"], json!(shown.len()), "{at}: total of companies");
        let missing = me.client.get(&format!("/api/rainbow/enduser/v1.0/companies/{NOBODY}")).await;
        for id in &self.companies {
            let answer = me.client.get(&format!("/api/rainbow/enduser/v1.0/companies/{id}")).await;
            if shown.contains(id) {
                assert_eq!(answer.status, 200, "{at}: {}", answer.text());
            } else {
                expect::indistinguishable((&answer, id), (&missing, NOBODY));
            }
        }
    }

    /// Everybody is there; a device that comes sees exactly those whom the model shows.
    async fn compare_presence(&self, observer: usize, at: &str) {
        let mut devices = Vec::new();
        for (number, person) in self.people.iter().enumerate() {
            if number != observer {
                devices.push(Device::online(&self.edge, person, "node_there").await);
            }
        }
        let mut eye = Device::online(&self.edge, &self.people[observer], "node_eye").await;
        let seen = eye.take_all(|e| e.name == "presence" && e.attr("type").is_none()).await;
        let seen: BTreeSet<usize> = seen
            .iter()
            .filter_map(|presence| presence.attr("from")?.split('@').next())
            .map(|local| self.who(local))
            .filter(|number| *number != observer)
            .collect();
        let shown: BTreeSet<usize> =
            (0..PEOPLE).filter(|number| self.model.shows_presence(*number, observer)).collect();
        assert_eq!(seen, shown, "{at}: presence");
        eye.leave().await;
        for device in devices {
            device.leave().await;
        }
    }
}
