//! What users of the crate see.

mod bitbucket;
mod github;
mod gitlab;
mod setting;
