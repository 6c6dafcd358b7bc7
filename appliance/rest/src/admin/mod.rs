//! `admin/v1.0`: what administrators do. Which of them may is said by the verbs of `app`, which know whose company it
//! is: 403 for what one sees, 404 for what one may not see (decision 6).

pub(crate) mod companies;
pub(crate) mod organisations;
pub(crate) mod users;
