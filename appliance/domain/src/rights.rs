//! Who may do what: roles (A8) and table R1, cell by cell.

use crate::company::CompanyKind;
use serde::{Deserialize, Serialize};

/// A role (A8). Roles add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes part in a bubble's conference without an account.
    Guest,
    /// Uses the service.
    User,
    /// Administers a company: `admin` with `adminType: company_admin`.
    CompanyAdmin,
    /// Business partner's finance role; may also be granted to an end customer's admin.
    Finance,
    /// Business partner's operation role.
    Operation,
    /// The box owner, until enrolment names the cloud's super-administrator (B11).
    SuperAdministrator,
}

impl Role {
    /// Every role with its name in Rainbow's `roles` array.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::Guest, "guest"),
        (Self::User, "user"),
        (Self::CompanyAdmin, "admin"),
        (Self::Finance, "bp_finance"),
        (Self::Operation, "bp_admin"),
        (Self::SuperAdministrator, "superadmin"),
    ];

    const fn bit(self) -> u8 {
        match self {
            Self::Guest => 1,
            Self::User => 2,
            Self::CompanyAdmin => 4,
            Self::Finance => 8,
            Self::Operation => 16,
            Self::SuperAdministrator => 32,
        }
    }
}

/// A set of roles; stored as its bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(u8);

impl Roles {
    /// The roles of an ordinary member.
    pub const USER: Self = Self(Role::User.bit());
    /// The roles of a guest (C4).
    pub const GUEST: Self = Self(Role::Guest.bit());

    /// Reads the bits of a row; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 63)
    }

    /// The bits for a row.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// This set and `role`.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether `role` is in the set.
    #[must_use]
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether somebody with these roles is a guest: takes part in a bubble that he came to by its link, and sees nothing
    /// else (A8, C4).
    #[must_use]
    pub const fn is_guest(self) -> bool {
        self.has(Role::Guest) && !self.has(Role::User)
    }

    /// Whether only the box owner may grant a role of this set: partners' roles and the owner's own reach beyond one
    /// company, so no company's administrator can give them, least of all to themselves (R1).
    #[must_use]
    pub const fn only_the_owner_grants(self) -> bool {
        self.has(Role::Finance) || self.has(Role::Operation) || self.has(Role::SuperAdministrator)
    }

    /// Rainbow's names, in the order of [`Role::NAMES`].
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Role::NAMES.iter().filter(|(role, _)| self.has(*role)).map(|(_, name)| *name).collect()
    }

    /// Reads Rainbow's names; `Err` holds the first unknown one.
    ///
    /// # Errors
    /// The name that is no role of this product.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        names.into_iter().try_fold(Self::default(), |roles, name| {
            let role = Role::NAMES.iter().find(|(_, known)| *known == name).ok_or(name)?.0;
            Ok(roles.with(role))
        })
    }
}

/// A column of table R1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Create and manage company and members.
    CompanyAndMembers,
    /// Equipment.
    Equipment,
    /// Systems and devices of users.
    SystemsAndDevices,
    /// Create subscriptions.
    CreateSubscriptions,
    /// Manage subscriptions.
    ManageSubscriptions,
    /// Assign licences.
    AssignLicences,
}

/// Whose company a right of R1 is exercised on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One's own company.
    Own,
    /// A customer linked to one's company (a partner's rights reach no other).
    Customers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Yes,
    No,
    WithFinance,
}
use Cell::{No, WithFinance, Yes};

const AREAS: [Area; 6] = [
    Area::CompanyAndMembers,
    Area::Equipment,
    Area::SystemsAndDevices,
    Area::CreateSubscriptions,
    Area::ManageSubscriptions,
    Area::AssignLicences,
];

type Row = (Role, CompanyKind, [(Cell, Cell); 6]);

/// Table R1: own / customer's, columns as in [`AREAS`].
const R1: [Row; 4] = [
    (
        Role::Operation,
        CompanyKind::Partner,
        [(Yes, Yes), (Yes, Yes), (Yes, Yes), (No, No), (WithFinance, No), (Yes, Yes)],
    ),
    (Role::Finance, CompanyKind::Partner, [(Yes, Yes), (No, No), (No, No), (Yes, Yes), (Yes, Yes), (Yes, Yes)]),
    (Role::CompanyAdmin, CompanyKind::Partner, [(Yes, No), (Yes, No), (Yes, No), (Yes, No), (Yes, No), (Yes, Yes)]),
    (
        Role::CompanyAdmin,
        CompanyKind::EndCustomer,
        [(Yes, No), (No, No), (Yes, No), (Yes, No), (WithFinance, No), (Yes, No)],
    ),
];

/// Whether someone with `roles` in a company of `kind` may act in `area` on `whose` company (R1).
#[must_use]
pub fn allows(roles: Roles, kind: CompanyKind, area: Area, whose: Whose) -> bool {
    let column = AREAS.iter().position(|a| *a == area).unwrap_or(0);
    R1.iter().filter(|(role, of, _)| roles.has(*role) && *of == kind).any(|(_, _, cells)| {
        let (own, customers) = cells[column];
        match if whose == Whose::Own { own } else { customers } {
            Yes => true,
            No => false,
            WithFinance => roles.has(Role::Finance),
        }
    })
}

/// What an application verb needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Use the service with one's own account.
    UseService,
    /// Take part in a bubble: a guest too (C4).
    TakePart,
    /// Act on a company in an area of R1.
    In(Area),
    /// Administer the box: companies, applications, domains, visibility-by.
    OwnBox,
}

/// Why a right is missing (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The caller may not even know that the thing exists: 404.
    NotVisible,
    /// The caller sees it but may not do this: 403.
    Forbidden,
}

/// Decides one right of a caller on a company; `whose` is `None` for a company that is neither the caller's own nor a
/// customer of it.
///
/// # Errors
/// [`Denied`], as decision 6 says: a partner sees a customer as soon as one cell of R1 reaches it.
pub fn need(right: Right, roles: Roles, kind: CompanyKind, whose: Option<Whose>) -> Result<(), Denied> {
    let owner = roles.has(Role::SuperAdministrator);
    let reaches = |area| whose.is_some_and(|whose| allows(roles, kind, area, whose));
    let granted = match right {
        Right::UseService => whose == Some(Whose::Own) && roles.has(Role::User),
        Right::TakePart => whose == Some(Whose::Own) && (roles.has(Role::User) || roles.has(Role::Guest)),
        Right::In(area) => owner || reaches(area),
        Right::OwnBox => owner,
    };
    let seen = whose == Some(Whose::Own) || owner || AREAS.into_iter().any(reaches);
    match (granted, seen) {
        (true, _) => Ok(()),
        (false, true) => Err(Denied::Forbidden),
        (false, false) => Err(Denied::NotVisible),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(role: Role, kind: CompanyKind) -> String {
        let roles = Roles::default().with(role);
        let cell = |area, whose| if allows(roles, kind, area, whose) { "yes" } else { "no" };
        AREAS.map(|area| format!("{}/{}", cell(area, Whose::Own), cell(area, Whose::Customers))).join(" ")
    }

    #[test]
    fn every_cell_holds_for_a_single_role_r1() {
        use CompanyKind::{EndCustomer, Partner};
        assert_eq!(row(Role::Operation, Partner), "yes/yes yes/yes yes/yes no/no no/no yes/yes");
        assert_eq!(row(Role::Finance, Partner), "yes/yes no/no no/no yes/yes yes/yes yes/yes");
        assert_eq!(row(Role::CompanyAdmin, Partner), "yes/no yes/no yes/no yes/no yes/no yes/yes");
        assert_eq!(row(Role::CompanyAdmin, EndCustomer), "yes/no no/no yes/no yes/no no/no yes/no");
        for role in [Role::Guest, Role::User] {
            for kind in [EndCustomer, Partner, CompanyKind::Default] {
                assert_eq!(row(role, kind), ["no/no"; 6].join(" "));
            }
        }
    }

    #[test]
    fn finance_too_opens_the_managed_subscriptions_and_nothing_else_r1() {
        for (role, kind) in [(Role::Operation, CompanyKind::Partner), (Role::CompanyAdmin, CompanyKind::EndCustomer)] {
            let roles = Roles::default().with(role).with(Role::Finance);
            assert!(allows(roles, kind, Area::ManageSubscriptions, Whose::Own));
        }
        let customer = Roles::default().with(Role::CompanyAdmin).with(Role::Finance);
        assert!(!allows(customer, CompanyKind::EndCustomer, Area::Equipment, Whose::Own));
        assert!(!allows(customer, CompanyKind::EndCustomer, Area::ManageSubscriptions, Whose::Customers));
    }

    #[test]
    fn a_finance_role_alone_gives_an_end_customer_nothing_r1() {
        assert_eq!(row(Role::Finance, CompanyKind::EndCustomer), ["no/no"; 6].join(" "));
    }

    #[test]
    fn what_is_not_visible_is_not_found_and_what_is_seen_is_forbidden_a8() {
        let members = Right::In(Area::CompanyAndMembers);
        let kind = CompanyKind::EndCustomer;
        let (own, customers) = (Some(Whose::Own), Some(Whose::Customers));
        let admin = Roles::USER.with(Role::CompanyAdmin);
        let owner = Roles::USER.with(Role::SuperAdministrator);
        assert_eq!(need(members, admin, kind, own), Ok(()));
        assert_eq!(need(members, admin, kind, None), Err(Denied::NotVisible));
        assert_eq!(need(members, Roles::USER, kind, own), Err(Denied::Forbidden));
        assert_eq!(need(members, owner, kind, None), Ok(()));
        assert_eq!(need(Right::OwnBox, admin, kind, own), Err(Denied::Forbidden));
        assert_eq!(need(Right::UseService, Roles::USER, kind, None), Err(Denied::NotVisible));
        assert_eq!(need(Right::UseService, Roles::GUEST, kind, own), Err(Denied::Forbidden));
        assert_eq!(need(Right::TakePart, Roles::GUEST, kind, own), Ok(()));
        assert_eq!(need(Right::TakePart, Roles::GUEST, kind, None), Err(Denied::NotVisible));
        assert_eq!(need(Right::TakePart, Roles::default().with(Role::Finance), kind, own), Err(Denied::Forbidden));
        let partner = CompanyKind::Partner;
        assert_eq!(need(members, Roles::USER.with(Role::Operation), partner, customers), Ok(()));
        assert_eq!(need(members, admin, partner, customers), Err(Denied::Forbidden), "licences of customers only");
        assert_eq!(need(members, Roles::USER, partner, customers), Err(Denied::NotVisible));
    }

    #[test]
    fn a_company_admin_grants_nothing_that_reaches_beyond_the_company_r1() {
        for (role, owner_only) in [
            (Role::Guest, false),
            (Role::User, false),
            (Role::CompanyAdmin, false),
            (Role::Finance, true),
            (Role::Operation, true),
            (Role::SuperAdministrator, true),
        ] {
            assert_eq!(Roles::USER.with(role).only_the_owner_grants(), owner_only, "{role:?}");
        }
    }

    #[test]
    fn roles_read_back_by_their_names_a8() {
        let roles = Roles::parse(["user", "admin", "bp_finance"]).expect("all three are roles");
        assert_eq!(roles.names(), ["user", "admin", "bp_finance"]);
        assert_eq!(Roles::from_bits(roles.bits()), roles);
        assert_eq!(Roles::parse(["user", "root"]), Err("root"));
    }
}
