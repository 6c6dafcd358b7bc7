//! The sessions of a person: seeing them, ending them. An administrator does both for the members of the company.

mod end;
mod list;

pub use end::{end_all_sessions, end_member_session, end_session, end_sessions_of_member};
pub use list::{OpenSession, list_member_sessions, list_sessions};
