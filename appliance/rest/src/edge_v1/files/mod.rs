pub(crate) mod link;
pub(crate) mod slot;
pub(crate) mod upload;
