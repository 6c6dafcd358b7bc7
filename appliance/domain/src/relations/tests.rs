use super::*;
use Visibility::{Closed, Isolated, Private, Public};

struct World {
    relations: Relations,
    next: u32,
}

impl World {
    fn new() -> Self {
        Self { relations: Relations::default(), next: 0 }
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("a{:023x}", self.next)
    }

    fn company(&mut self, kind: CompanyKind, visibility: Visibility) -> CompanyId {
        let id = CompanyId::parse(&self.id()).expect("an id");
        let facts = CompanyFacts { kind, visibility, organization: None, partner: None };
        self.relations.put_company(id.clone(), facts);
        id
    }

    fn person(&mut self, company: &CompanyId) -> UserId {
        let id = UserId::parse(&self.id()).expect("an id");
        let facts = MemberFacts { company: company.clone(), roles: Roles::USER, active: true, set_apart: None };
        self.relations.put_member(id.clone(), facts);
        id
    }

    /// Two people of two companies in these modes.
    fn strangers(&mut self, one: Visibility, other: Visibility) -> (UserId, UserId) {
        let (here, there) =
            (self.company(CompanyKind::EndCustomer, one), self.company(CompanyKind::EndCustomer, other));
        (self.person(&here), self.person(&there))
    }
}

#[test]
fn colleagues_see_and_reach_one_another_whatever_the_mode_b6() {
    for mode in [Public, Private, Closed, Isolated] {
        let mut world = World::new();
        let company = world.company(CompanyKind::EndCustomer, mode);
        let (ann, ben) = (world.person(&company), world.person(&company));
        let of = &world.relations;
        assert!(of.in_network(&ann, &ben) && of.knows(&ann, &ben) && of.reaches(&ann, &ben), "{mode:?}");
        assert!(of.shows_presence(&ann, &ben) && of.admission(&ann, &ben).is_none());
    }
}

#[test]
fn people_of_the_default_company_are_strangers_b6() {
    let mut world = World::new();
    let nobodys = world.company(CompanyKind::Default, Public);
    let (ann, ben) = (world.person(&nobodys), world.person(&nobodys));
    let of = &world.relations;
    assert!(!of.in_network(&ann, &ben) && !of.reaches(&ann, &ben) && !of.shows_presence(&ann, &ben));
    assert!(of.finds(&ann, &ben), "the default company is public");
    assert_eq!(of.admission(&ann, &ben), Some(Admission::Invitation));
}

#[test]
fn an_accepted_invitation_joins_and_its_end_parts_b6() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Private, Closed);
    assert!(!world.relations.knows(&ann, &ben) && !world.relations.reaches(&ann, &ben));
    world.relations.set_invited(&ann, &ben, true);
    assert!(world.relations.knows(&ben, &ann), "the invited one sees who asks");
    assert!(!world.relations.knows(&ann, &ben), "asking shows nothing");
    world.relations.set_invited(&ann, &ben, false);
    world.relations.set_network(&ben, &ann, true);
    for (one, other) in [(&ann, &ben), (&ben, &ann)] {
        assert!(world.relations.reaches(one, other) && world.relations.shows_presence(one, other));
        assert!(world.relations.finds(one, other), "a private contact in my network is found");
    }
    world.relations.set_network(&ann, &ben, false);
    assert!(!world.relations.knows(&ann, &ben) && !world.relations.reaches(&ben, &ann));
}

#[test]
fn who_was_invited_may_always_invite_back_b6() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Public, Isolated);
    assert_eq!(world.relations.admission(&ben, &ann), None);
    world.relations.set_invited(&ann, &ben, true);
    assert_eq!(world.relations.admission(&ben, &ann), Some(Admission::Invitation));
}

#[test]
fn a_block_ends_messages_and_presence_and_hides_from_strangers_b6() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Public, Public);
    world.relations.set_blocked(&ann, &ben, true);
    assert!(!world.relations.finds(&ben, &ann) && world.relations.finds(&ann, &ben));
    assert!(world.relations.admission(&ben, &ann).is_none() && world.relations.admission(&ann, &ben).is_none());
    world.relations.set_network(&ann, &ben, true);
    assert!(!world.relations.reaches(&ben, &ann) && !world.relations.reaches(&ann, &ben));
    assert!(!world.relations.shows_presence(&ann, &ben) && world.relations.shows_presence(&ben, &ann));
    world.relations.set_blocked(&ann, &ben, false);
    assert!(world.relations.reaches(&ben, &ann) && world.relations.shows_presence(&ann, &ben));
}

#[test]
fn the_box_owners_grant_shows_people_and_pages_b5() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Isolated, Closed);
    let company = |world: &World, of: &UserId| world.relations.member(of).expect("a member").company.clone();
    let (here, there) = (company(&world, &ann), company(&world, &ben));
    assert!(!world.relations.shows_page(&there, &ann));
    world.relations.set_visible_by(&there, &here, true);
    assert!(world.relations.finds(&ann, &ben) && world.relations.finds(&ben, &ann));
    assert!(world.relations.shows_page(&there, &ann) && !world.relations.in_network(&ann, &ben));
    assert_eq!(world.relations.visible_by(&here).into_iter().collect::<Vec<_>>(), std::slice::from_ref(&there));
    world.relations.set_visible_by(&here, &there, false);
    assert!(!world.relations.finds(&ann, &ben));
}

#[test]
fn a_member_set_apart_is_seen_by_that_mode_b2() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Public, Isolated);
    let company = world.relations.member(&ben).expect("a member").company.clone();
    let facts = |set_apart| MemberFacts { company: company.clone(), roles: Roles::USER, active: true, set_apart };
    world.relations.put_member(ben.clone(), facts(Some(Public)));
    assert!(world.relations.finds(&ann, &ben));
    world.relations.put_member(ben.clone(), facts(Some(Private)));
    assert!(!world.relations.finds(&ann, &ben) && world.relations.finds(&ben, &ann));
    world.relations.put_member(ben.clone(), facts(Some(Closed)));
    assert!(world.relations.admission(&ann, &ben).is_none(), "no such setting apart: the company's mode holds");
}

#[test]
fn companies_of_one_organization_accept_by_themselves_b4() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Visibility::Organization, Visibility::Organization);
    assert_eq!(world.relations.admission(&ann, &ben), Some(Admission::Invitation));
    let organization = OrganizationId::parse(&world.id()).expect("an id");
    for person in [&ann, &ben] {
        let company = world.relations.member(person).expect("a member").company.clone();
        let mut facts = world.relations.company(&company).expect("a company").clone();
        facts.organization = Some(organization.clone());
        world.relations.put_company(company, facts);
    }
    assert!(world.relations.finds(&ann, &ben));
    assert_eq!(world.relations.admission(&ann, &ben), Some(Admission::AcceptsItself));
}

#[test]
fn a_partner_reaches_its_own_customers_only_r1() {
    let mut world = World::new();
    let partner = world.company(CompanyKind::Partner, Public);
    let (customer, stranger) =
        (world.company(CompanyKind::EndCustomer, Public), world.company(CompanyKind::EndCustomer, Public));
    let mut facts = world.relations.company(&customer).expect("a company").clone();
    facts.partner = Some(partner.clone());
    world.relations.put_company(customer.clone(), facts);
    assert_eq!(world.relations.whose(&customer, &partner), Some(Whose::Customers));
    assert_eq!(world.relations.whose(&partner, &partner), Some(Whose::Own));
    assert_eq!(world.relations.whose(&stranger, &partner), None);
    assert_eq!(world.relations.whose(&partner, &customer), None);
}

#[test]
fn whoever_goes_leaves_no_edge_behind_d4() {
    let mut world = World::new();
    let (ann, ben) = world.strangers(Public, Public);
    world.relations.set_network(&ann, &ben, true);
    world.relations.set_blocked(&ben, &ann, true);
    world.relations.set_invited(&ben, &ann, true);
    world.relations.remove_member(&ann);
    let of = &world.relations;
    assert!(of.network(&ben).is_empty() && of.blocked(&ben).is_empty() && !of.has_invited(&ben, &ann));
    assert!(!of.knows(&ben, &ann) && of.networks.is_empty() && of.blocked.is_empty() && of.invited.is_empty());
}
