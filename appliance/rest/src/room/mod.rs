//! `room/v1.0`: what administrators do with the bubbles of their company, and what organizers do with all that was said.

pub(crate) mod admin;
pub(crate) mod enduser;
