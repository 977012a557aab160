//! The example shop, made ready to run on this machine.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use crate::failure::{self, Failure};

/// `examples/shop`: each file's name below the directory, and its text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shop.rs"));

/// What in the shop's files stands for a place, and what it is here.
pub(super) struct Places {
    /// The API's address.
    pub(super) api: SocketAddr,
    /// The metrics' address.
    pub(super) metrics: SocketAddr,
    /// The gate's address.
    pub(super) gate: SocketAddr,
    /// The address of the service behind the gate.
    pub(super) upstream: SocketAddr,
    /// The local issuers' URLs.
    pub(super) bitbucket: String,
    pub(super) circleci: String,
    pub(super) gitlab: String,
}

impl Places {
    fn replacements(&self) -> Vec<(String, String)> {
        let bare =
            |url: &str| url.split_once("://").map_or_else(|| url.to_owned(), |(_, rest)| rest.to_owned());
        let mut pairs: Vec<(String, String)> = [
            ("127.0.0.1:8010", self.api),
            ("127.0.0.1:9464", self.metrics),
            ("127.0.0.1:8020", self.gate),
            ("127.0.0.1:8030", self.upstream),
        ]
        .into_iter()
        .map(|(from, to)| (from.to_owned(), to.to_string()))
        .collect();
        let (bitbucket, circleci, gitlab) = (bare(&self.bitbucket), bare(&self.circleci), bare(&self.gitlab));
        let path = |url: &str| url.split_once('/').map_or_else(String::new, |(_, path)| format!("/{path}"));
        pairs.push((format!("api.bitbucket.org{}", path(&bitbucket)), bitbucket.clone()));
        pairs.push((format!("oidc.circleci.com{}", path(&circleci)), circleci.clone()));
        pairs.push(("oidc-provider/gitlab.com".to_owned(), format!("oidc-provider/{gitlab}")));
        pairs.push(("\"gitlab.com:".to_owned(), format!("\"{gitlab}:")));
        pairs
    }
}

/// Writes the shop to a directory, with its places replaced by those here.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(directory: &Path, places: &Places) -> Result<(), Failure> {
    let issuers = [
        ("issuers/bitbucket.toml", &places.bitbucket),
        ("issuers/circleci.toml", &places.circleci),
        ("issuers/gitlab.toml", &places.gitlab),
    ];
    let replacements = places.replacements();
    for (name, text) in FILES {
        let mut text = (*text).to_owned();
        for (from, to) in &replacements {
            text = text.replace(from, to);
        }
        if let Some((_, url)) = issuers.iter().find(|(file, _)| file == name) {
            text = format!("issuer = \"{url}\"\n{text}");
        }
        let path = directory.join(name);
        write_file(&path, &text).map_err(|error| failure::file("write", &path, &error))?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            api: "127.0.0.1:1".parse().unwrap(),
            metrics: "127.0.0.1:2".parse().unwrap(),
            gate: "127.0.0.1:3".parse().unwrap(),
            upstream: "127.0.0.1:4".parse().unwrap(),
            bitbucket: "http://127.0.0.1:5/2.0/workspaces/acme/pipelines-config/identity/oidc".to_owned(),
            circleci: "http://127.0.0.1:6/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11".to_owned(),
            gitlab: "http://127.0.0.1:7".to_owned(),
        }
    }

    #[test]
    fn the_shop_passes_check_with_local_issuers_and_none_of_the_vendors_is_left() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &places()).unwrap();
        let snapshot =
            stagedoor_config::load(directory.path()).map_err(|report| report.render(false)).unwrap();
        let mut urls: Vec<&str> = snapshot.issuers.iter().map(|issuer| issuer.url.as_str()).collect();
        urls.sort_unstable();
        assert_eq!(urls, [places().bitbucket, places().circleci, places().gitlab]);
        assert_eq!(snapshot.gates[0].upstream, "http://127.0.0.1:4");
        for role in snapshot.roles.iter() {
            let text = role.trust_document.source();
            assert!(!text.contains("api.bitbucket.org"), "{text}");
            assert!(!text.contains("oidc.circleci.com/org/"), "{text}");
            assert!(!text.contains("\"gitlab.com:"), "{text}");
        }
    }
}
