//! Who is who in an export.

use super::{Export, texts};
use crate::StoreError;
use crate::survey::Survey;
use crate::user::Profile;
use domain::ids::CompanyId;
use domain::rights::Roles;
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::collections::BTreeMap;

/// What somebody is called whose account, or whose company, is gone (D4).
const NOBODY: &str = "***";

/// A person of the company.
#[derive(Debug, Clone)]
pub struct ExportedPerson {
    /// The id, by which everything else names the person.
    pub id: String,
    /// The address by which the person signs in.
    pub email: String,
    /// Names and the like.
    pub profile: Profile,
    /// Roles (A8).
    pub roles: Vec<&'static str>,
    /// Whether the account may sign in.
    pub active: bool,
    /// When the account was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last used, likewise; `None`: never.
    pub last_used_ms: Option<i64>,
    /// Ids of the person's network.
    pub contacts: Vec<String>,
}

/// Somebody who is not of the company, or not any more, and whom its messages name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// The id.
    pub id: String,
    /// Of which company.
    pub company: String,
    /// First and last name; `***` of one whose account is gone, or whose company does not open.
    pub name: String,
}

const PEOPLE: &str = "SELECT p.id, u.email, u.first_name, u.last_name, u.title, u.job_title, u.nick_name, u.country, u.language,
     u.timezone, u.roles, u.active, u.created_ms, u.last_used_ms FROM user u JOIN person p ON p.no = u.no ORDER BY u.no";
const CONTACTS: &str =
    "SELECT high_id FROM network WHERE low_id = ?1 UNION SELECT low_id FROM network WHERE high_id = ?1";
const OUTSIDERS: &str = "SELECT p.id, p.company_id FROM person p LEFT JOIN user u ON u.no = p.no WHERE u.no IS NULL ORDER BY p.company_id, p.no";

fn person(r: &Row<'_>) -> rusqlite::Result<ExportedPerson> {
    let last_used_ms: i64 = r.get(13)?;
    Ok(ExportedPerson {
        id: r.get(0)?,
        email: r.get(1)?,
        profile: Profile::of(r, 2)?,
        roles: Roles::from_bits(r.get(10)?).names(),
        active: r.get(11)?,
        created_ms: r.get(12)?,
        last_used_ms: (last_used_ms > 0).then_some(last_used_ms),
        contacts: Vec::new(),
    })
}

impl Export<'_> {
    /// The company's people.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn people(&self) -> Result<Vec<ExportedPerson>, StoreError> {
        let read = || -> Result<Vec<ExportedPerson>, StoreError> {
            let mut statement = self.content.prepare(PEOPLE)?;
            Ok(statement.query_map([], person)?.collect::<Result<_, _>>()?)
        };
        let mut people = self.named(read())?;
        for one in &mut people {
            one.contacts = texts(&self.directory, CONTACTS, &[&one.id])?;
        }
        Ok(people)
    }

    /// Those whom its messages name beside them, with the names that their companies have for them, and no more.
    ///
    /// # Errors
    /// When the file cannot be read. A company that does not open leaves its people without a name.
    pub fn outsiders(&self) -> Result<Vec<Outsider>, StoreError> {
        let told = super::snapshot::names(&self.directory)?;
        let mut found = Vec::new();
        for (company, ids) in self.named(strangers(&self.content))? {
            let mut names = match &told {
                Some(told) => told.clone(),
                None if company == self.id() => BTreeMap::new(),
                None => self.survey.names_in(&company, &ids),
            };
            let mut name = |id: &String| names.remove(id).unwrap_or_else(|| NOBODY.to_owned());
            let outsiders = ids.iter().map(|id| (id.clone(), name(id))).collect::<Vec<_>>();
            found.extend(outsiders.into_iter().map(|(id, name)| Outsider { id, company: company.clone(), name }));
        }
        Ok(found)
    }
}

/// Those whom a company's file numbers and who have no account in it, by company.
fn strangers(content: &Connection) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let mut statement = content.prepare(OUTSIDERS)?;
    let rows = statement.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    let mut by_company: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let (id, company) = row?;
        by_company.entry(company).or_default().push(id);
    }
    Ok(by_company)
}

impl Survey<'_> {
    /// What people of another company are called there.
    fn names_in(&self, company: &str, ids: &[String]) -> BTreeMap<String, String> {
        let Ok(connection) = CompanyId::parse(company).map_err(drop).and_then(|_| {
            let subject = self.subject(company).map_err(drop)?;
            subject.reader().map_err(drop)
        }) else {
            return BTreeMap::new();
        };
        ids.iter().filter_map(|id| Some((id.clone(), name_of(&connection, id)?))).collect()
    }
}

/// First and last name of somebody with an account here.
fn name_of(content: &Connection, id: &str) -> Option<String> {
    let sql =
        "SELECT trim(u.first_name || ' ' || u.last_name) FROM user u JOIN person p ON p.no = u.no WHERE p.id = ?1";
    let name = content.prepare_cached(sql).and_then(|mut name| name.query_row([id], |r| r.get(0)).optional());
    name.ok().flatten()
}
