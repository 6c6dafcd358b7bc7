use super::names::{matches, words, words_of};
use super::{Page, Seen, Window, find};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, UserId};
use domain::rights::Right;

/// Most characters of a search.
const LENGTH_MAX: usize = 255;

/// What is searched for.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// Beginnings of names.
    pub name: String,
    /// Only members of this company.
    pub company: Option<CompanyId>,
    /// No members of this company.
    pub other_than: Option<CompanyId>,
}

/// People by name, as visibility allows (B3-B7): colleagues, the network, and whom a search may show. Counts hold no
/// others either.
///
/// # Errors
/// An empty or over-long search.
pub async fn search(app: &App, caller: &Caller, sought: Sought, window: Window) -> Result<Page<Seen>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let asked = words(&sought.name);
    if asked.is_empty() || sought.name.chars().count() > LENGTH_MAX {
        return Err(AppError::invalid("displayName", format!("expected a name of 1 to {LENGTH_MAX} characters")));
    }
    app.names.wait().await;
    let called = app.names.called(&asked);
    let people: Vec<(UserId, CompanyId)> = {
        let relations = app.relations();
        let shown = called.into_iter().filter_map(|id| {
            let member = relations.member(&id).filter(|member| member.active)?;
            let wanted = sought.company.as_ref().is_none_or(|company| *company == member.company)
                && sought.other_than.as_ref() != Some(&member.company);
            (wanted && id != caller.user && relations.finds(&caller.user, &id)).then(|| (id, member.company.clone()))
        });
        shown.collect()
    };
    let mut found = find::load(app, caller, people).await?;
    // A name that changed a moment ago may not be known to the search yet.
    found.retain(|seen| matches(&asked, &words_of(&seen.user)));
    found.sort_by_cached_key(|seen| {
        let profile = &seen.user.profile;
        (profile.last_name.to_lowercase(), profile.first_name.to_lowercase(), seen.user.id.clone())
    });
    Ok(Page::cut(found, window))
}
