//! The names of everybody on the box, for searching: a projection in memory, rebuilt at every start (decision 8).
//!
//! It only proposes: who may be shown is decided by the relations, and what is shown is read from the company's file.

use super::User;
use crate::{App, AppError};
use domain::ids::{CompanyId, UserId};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use store::user;
use tokio::sync::watch;

/// Words of each person's name, ready to be compared.
pub(crate) struct Names {
    words: RwLock<HashMap<UserId, Vec<String>>>,
    complete: watch::Sender<bool>,
    /// One refresher at a time: it reads after the commit that made it come, so the last one holds the newest name.
    refreshing: tokio::sync::Mutex<()>,
}

impl Default for Names {
    fn default() -> Self {
        let (complete, _) = watch::channel(false);
        Self { words: RwLock::default(), complete, refreshing: tokio::sync::Mutex::default() }
    }
}

/// Words in lower case; whatever is no letter or digit parts them.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What a person is found by.
pub(super) fn words_of(user: &User) -> Vec<String> {
    let profile = &user.profile;
    [&profile.first_name, &profile.last_name, &profile.nick_name].into_iter().flat_map(|name| words(name)).collect()
}

/// Whether each word asked for begins one of a name.
pub(super) fn matches(asked: &[String], name: &[String]) -> bool {
    asked.iter().all(|asked| name.iter().any(|word| word.starts_with(asked.as_str())))
}

impl Names {
    /// Who is called so.
    pub(super) fn called(&self, asked: &[String]) -> Vec<UserId> {
        let names = self.words.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().filter(|(_, name)| matches(asked, name)).map(|(id, _)| id.clone()).collect()
    }

    fn put(&self, user: &User) {
        self.words.write().unwrap_or_else(PoisonError::into_inner).insert(user.id.clone(), words_of(user));
    }

    pub(crate) fn forget(&self, id: &UserId) {
        self.words.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Every company has been read.
    pub(crate) fn complete(&self) {
        self.complete.send_replace(true);
    }

    /// Returns when every company has been read.
    pub(super) async fn wait(&self) {
        let mut complete = self.complete.subscribe();
        // An error means that the application itself is gone.
        let _complete = complete.wait_for(|complete| *complete).await;
    }
}

impl App {
    /// Reads the names of a company.
    pub(crate) async fn learn_names(&self, company: &CompanyId) -> Result<(), AppError> {
        let _one_at_a_time = self.names.refreshing.lock().await;
        let database = self.company(company).await?;
        let users = database.read(|c| Ok::<_, AppError>(user::all(c)?)).await?;
        users.iter().for_each(|user| self.names.put(user));
        Ok(())
    }

    /// Reads the name of one person again.
    pub(crate) async fn learn_name(&self, company: &CompanyId, id: &UserId) -> Result<(), AppError> {
        let _one_at_a_time = self.names.refreshing.lock().await;
        let wanted = id.clone();
        let database = self.company(company).await?;
        match database.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await? {
            Some(user) => self.names.put(&user),
            None => self.names.forget(id),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_the_beginnings_of_its_words_b7() {
        let name = words("Jean-Luc O'Neill Müller");
        for (asked, found) in
            [("jean", true), ("LUC", true), ("mü je", true), ("eill", false), ("müller x", false), ("neil", true)]
        {
            assert_eq!(matches(&words(asked), &name), found, "{asked}");
        }
    }
}
