use super::{Page, User, Window};
use crate::{App, AppError, Caller};
use domain::ids::CompanyId;
use domain::rights::{Area, Right};
use store::person::PersonNo;
use store::user::{self, Named};

/// Most characters of what is looked for.
const SOUGHT_LENGTH_MAX: usize = 255;

/// By what members are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The name that is shown of them; of one name, the address.
    #[default]
    Name,
    /// The address.
    Email,
}

/// Which members are listed, and how.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Words, each of which stands somewhere in the name or the address, in any case; none: everybody.
    pub sought: String,
    /// By what.
    pub order: Order,
    /// From the end.
    pub descending: bool,
}

/// The members of a company, for administration. Of the list only what orders it is read whole, so that a page of
/// thousands costs little more than one of a few.
///
/// # Errors
/// Missing right, or too much to look for.
pub async fn list_members(
    app: &App,
    caller: &Caller,
    company: &CompanyId,
    listing: Listing,
    window: Window,
) -> Result<Page<User>, AppError> {
    app.permit(caller, Right::In(Area::CompanyAndMembers), company)?;
    if listing.sought.chars().count() > SOUGHT_LENGTH_MAX {
        return Err(AppError::invalid("displayName", format!("expected at most {SOUGHT_LENGTH_MAX} characters")));
    }
    let database = app.company(company).await?;
    database
        .read(move |c| {
            let Page { items, total } = Page::cut(listing.of(user::names(c)?), window);
            let users =
                items.into_iter().map(|no| Ok(user::find_by_no(c, no)?)).collect::<Result<Vec<_>, AppError>>()?;
            Ok::<_, AppError>(Page { items: users.into_iter().flatten().collect(), total })
        })
        .await
}

impl Listing {
    /// Who is listed, in order. No two keys are the same, so pages neither repeat nor miss anybody.
    fn of(&self, all: Vec<Named>) -> Vec<PersonNo> {
        let sought = self.sought.to_lowercase();
        let words: Vec<&str> = sought.split_whitespace().collect();
        let key = |named: Named| {
            let name = shown_name(&named).to_lowercase();
            let found = words.iter().all(|word| name.contains(word) || named.email.contains(word));
            found.then_some(match self.order {
                Order::Name => (name, named.email, named.no),
                Order::Email => (named.email, name, named.no),
            })
        };
        let mut listed: Vec<_> = all.into_iter().filter_map(key).collect();
        listed.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        if self.descending {
            listed.reverse();
        }
        listed.into_iter().map(|(_, _, no)| no).collect()
    }
}

/// As it is shown to who is near: without a name, the local part of the address.
fn shown_name(named: &Named) -> String {
    let name = format!("{} {}", named.first_name, named.last_name);
    match name.trim() {
        "" => named.email.split('@').next().unwrap_or_default().to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(listing: &Listing) -> Vec<i64> {
        let named = |no, email: &str, first_name: &str, last_name: &str| Named {
            no: PersonNo(no),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
        };
        let all = vec![
            named(1, "z@acme.test", "Émile", "Zola"),
            named(2, "b@acme.test", "ada", "Byron"),
            named(3, "a@acme.test", "Ada", "Byron"),
            named(4, "m@acme.test", "", ""),
            named(5, "ada.x@acme.test", "Bob", ""),
        ];
        listing.of(all).into_iter().map(|no| no.0).collect()
    }

    fn sought(text: &str) -> Vec<i64> {
        listed(&Listing { sought: text.to_owned(), ..Listing::default() })
    }

    #[test]
    fn members_are_listed_by_name_or_address_from_either_end_a8() {
        assert_eq!(listed(&Listing::default()), [3, 2, 5, 4, 1]);
        assert_eq!(listed(&Listing { descending: true, ..Listing::default() }), [1, 4, 5, 2, 3]);
        let by_email = Listing { order: Order::Email, ..Listing::default() };
        assert_eq!(listed(&by_email), [3, 5, 2, 4, 1]);
        assert_eq!(listed(&Listing { descending: true, ..by_email }), [1, 4, 2, 5, 3]);
    }

    #[test]
    fn members_are_found_by_any_part_of_name_and_address_in_any_case_a8() {
        for (text, expected) in [
            ("ADA", &[3, 2, 5][..]),
            ("da byr", &[3, 2]),
            ("byron ada", &[3, 2]),
            ("émi", &[1]),
            ("ÉMILE zo", &[1]),
            ("@acme.test", &[3, 2, 5, 4, 1]),
            ("  ", &[3, 2, 5, 4, 1]),
            ("%", &[]),
            ("nobody", &[]),
        ] {
            assert_eq!(sought(text), expected, "{text}");
        }
    }
}
