//! `admin/v1.0`: what administrators do. Which of them may is said by the verbs of `app`, which know whose company it
//! is: 403 in one's own, 404 in another (decision 6).

pub(crate) mod users;
