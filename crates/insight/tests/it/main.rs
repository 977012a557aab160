//! What users of the crate see.

mod bitbucket;
mod catalogue;
mod circleci;
mod github;
mod gitlab;
mod hostile;
mod output;
mod setting;
mod trust;
