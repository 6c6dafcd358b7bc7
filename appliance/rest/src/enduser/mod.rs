//! `enduser/v1.0`: what people do with their own account.

pub(crate) mod companies;
pub(crate) mod conversations;
pub(crate) mod favorites;
pub(crate) mod groups;
pub(crate) mod ims;
pub(crate) mod invitations;
pub(crate) mod pins;
pub(crate) mod polls;
pub(crate) mod rooms;
pub(crate) mod settings;
pub(crate) mod users;
