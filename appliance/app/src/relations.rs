//! Who stands how to whom, held in memory beside the directory that it is read from (decisions 6, 8).

use crate::{App, AppError};
use domain::ids::{CompanyId, UserId};
use domain::relations::Relations;
use domain::rights::{self, Denied, Right};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use store::{Connection, Database, Store, bubble_members, companies, edges, invitation, member};
use tokio::sync::oneshot;

/// The relations as all rooms of this crate share them.
pub(crate) type Shared = Arc<RwLock<Relations>>;

/// For reading; held for single questions, never across an await.
pub(crate) fn read(shared: &Shared) -> RwLockReadGuard<'_, Relations> {
    shared.read().unwrap_or_else(PoisonError::into_inner)
}

/// Everything that the directory knows.
pub(crate) async fn load(store: &Store) -> Result<Relations, AppError> {
    store
        .directory()
        .read(|c| {
            let mut relations = Relations::default();
            for entry in companies::all(c)? {
                relations.put_company(entry.id, entry.facts);
            }
            for (user, facts) in member::all(c)? {
                relations.put_member(user, facts);
            }
            for (one, other) in edges::visible_by(c)? {
                relations.set_visible_by(&one, &other, true);
            }
            for (one, other) in edges::networks(c)? {
                relations.set_network(&one, &other, true);
            }
            for (blocker, blocked) in edges::blocks(c)? {
                relations.set_blocked(&blocker, &blocked, true);
            }
            for (inviter, invited) in invitation::all_pending(c)? {
                relations.set_invited(&inviter, &invited, true);
            }
            for (id, bubble) in bubble_members::all(c)? {
                relations.put_bubble(&id, bubble);
            }
            Ok::<_, AppError>(relations)
        })
        .await
}

impl App {
    /// The relations of this box, for reading.
    pub(crate) fn relations(&self) -> RwLockReadGuard<'_, Relations> {
        read(&self.relations)
    }

    /// Commits a change of the directory, then applies it to the relations and tells devices, in the order of the
    /// commits.
    pub(crate) async fn change_directory<T, F, G>(&self, change: F, then: G) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, AppError> + Send + 'static,
        G: FnOnce(&Shared, &T) + Send + 'static,
    {
        let relations = Arc::clone(&self.relations);
        change_in(self.store.directory(), change, move |changed| then(&relations, changed)).await
    }

    /// Commits a change of a company's file, then tells devices, in the order of the commits: what they hear of a message that
    /// comes next must not come before.
    pub(crate) async fn change_company<T, F, G>(&self, company: &CompanyId, change: F, then: G) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, AppError> + Send + 'static,
        G: FnOnce(&T) + Send + 'static,
    {
        change_in(&*self.company(company).await?, change, then).await
    }

    /// The one line with which a verb of administration names the right that it needs on a company.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when the caller sees the company but lacks the right, else [`AppError::NotFound`].
    pub(crate) fn permit(&self, caller: &crate::Caller, right: Right, on: &CompanyId) -> Result<(), AppError> {
        let relations = self.relations();
        let denied = rights::need(right, caller.roles, caller.kind, relations.whose(on, &caller.company));
        denied.map_err(|denied| refused(denied, relations.shows_page(on, &caller.user), "company"))
    }

    /// As [`App::permit`], on the company of a user.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when the caller sees the user but lacks the right, else [`AppError::NotFound`].
    pub(crate) fn permit_on(&self, caller: &crate::Caller, right: Right, on: &UserId) -> Result<CompanyId, AppError> {
        let relations = self.relations();
        let company = relations.member(on).ok_or(AppError::NotFound("user"))?.company.clone();
        let whose = relations.whose(&company, &caller.company);
        let denied = rights::need(right, caller.roles, caller.kind, whose);
        denied.map_err(|denied| refused(denied, relations.knows(&caller.user, on), "user"))?;
        Ok(company)
    }
}

/// What one sees but may not do is forbidden; what one may not see does not exist (decision 6).
fn refused(denied: Denied, seen: bool, what: &'static str) -> AppError {
    match denied {
        Denied::Forbidden => AppError::Forbidden,
        Denied::NotVisible if seen => AppError::Forbidden,
        Denied::NotVisible => AppError::NotFound(what),
    }
}

async fn change_in<T, F, G>(database: &Database, change: F, then: G) -> Result<T, AppError>
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, AppError> + Send + 'static,
    G: FnOnce(&T) + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let finish = move |outcome: Result<T, AppError>| {
        if let Ok(changed) = &outcome {
            then(changed);
        }
        // A caller that went away no longer wants the answer; the change stands.
        drop(answer.send(outcome));
    };
    database.write_then(change, finish).await?;
    answered.await.unwrap_or(Err(AppError::Busy))
}
