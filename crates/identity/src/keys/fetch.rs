//! Fetching a key set from where the configuration says.

use std::io::Read as _;
use std::path::Path;

use reqwest::redirect;
use url::{Host, Url};

use super::address::{Reach, Resolver};
use super::{KEY_SET_LIMIT, KeySet, KeysOptions};
use crate::issuer::{Issuer, KeySource};
use crate::json;
use crate::provider::is_loopback;
use crate::refusal::excerpt;

/// Longest discovery document read, in bytes.
const DISCOVERY_LIMIT: usize = 256 * 1024;

/// Fetches an issuer's keys; holds its HTTP client once there is one.
#[derive(Debug, Default)]
pub(super) struct Fetcher {
    client: Option<reqwest::Client>,
}

impl Fetcher {
    /// The key set, or what went wrong as a clause for a message.
    pub(super) async fn fetch(&mut self, issuer: &Issuer, options: &KeysOptions) -> Result<KeySet, String> {
        match &issuer.keys {
            KeySource::Inline(text) => KeySet::parse(text.as_bytes()),
            KeySource::File(path) => {
                let (path, shown) = (path.clone(), path.display().to_string());
                let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
                let bytes = read.map_err(|error| error.to_string())?;
                bytes
                    .and_then(|bytes| KeySet::parse(&bytes))
                    .map_err(|problem| format!("`{shown}`: {problem}"))
            }
            KeySource::JwksUri(text) => {
                let url = parse_url(text)?;
                let reach = reach(issuer, &url);
                self.key_set(issuer, &url, reach, options).await
            }
            KeySource::Discovery => {
                let base = parse_url(&issuer.url)?;
                let reach = reach(issuer, &base);
                if let Some(path) = issuer.provider.keys_at {
                    let url = parse_url(&format!("{}{path}", issuer.url))?;
                    return self.key_set(issuer, &url, reach, options).await;
                }
                let url = self.discover(issuer, &base, reach, options).await?;
                self.key_set(issuer, &url, reach, options).await
            }
        }
    }

    async fn discover(
        &mut self,
        issuer: &Issuer,
        base: &Url,
        reach: Reach,
        options: &KeysOptions,
    ) -> Result<Url, String> {
        let address = format!("{}/.well-known/openid-configuration", issuer.url.trim_end_matches('/'));
        let body = self.get(issuer, &parse_url(&address)?, reach, DISCOVERY_LIMIT, options).await?;
        let document =
            json::object(&body).map_err(|problem| format!("`{address}` can't be read: {problem}"))?;
        let text = |name: &str| document.get(name).and_then(serde_json::Value::as_str);
        let named = text("issuer").ok_or_else(|| format!("`{address}` names no `issuer`"))?;
        if named != issuer.url {
            let named = excerpt(named);
            return Err(format!("`{address}` names the issuer `{named}` instead of `{}`", issuer.url));
        }
        let found = text("jwks_uri").ok_or_else(|| format!("`{address}` has no `jwks_uri`"))?;
        let url = parse_url(found)?;
        if base.scheme() == "https" && url.scheme() != "https" {
            return Err(format!("`{address}` puts the keys at `{}`, which is not https", excerpt(found)));
        }
        let host = url.host_str().unwrap_or_default();
        let expected = base.host_str() == Some(host)
            || issuer.provider.jwks_hosts.contains(&host)
            || issuer.jwks_hosts.iter().any(|allowed| allowed == host);
        if !expected {
            return Err(format!(
                "`{address}` puts the keys on the host `{}`; add it to `jwks_hosts` in the issuer's file if it is meant",
                excerpt(host)
            ));
        }
        Ok(url)
    }

    async fn key_set(
        &mut self,
        issuer: &Issuer,
        url: &Url,
        reach: Reach,
        options: &KeysOptions,
    ) -> Result<KeySet, String> {
        let body = self.get(issuer, url, reach, KEY_SET_LIMIT, options).await?;
        KeySet::parse(&body).map_err(|problem| format!("`{url}`: {problem}"))
    }

    /// One GET, bounded in time and size, without redirects.
    async fn get(
        &mut self,
        issuer: &Issuer,
        url: &Url,
        reach: Reach,
        limit: usize,
        options: &KeysOptions,
    ) -> Result<Vec<u8>, String> {
        check_address(url, reach).map_err(|problem| format!("`{url}`: {problem}"))?;
        let client = match &self.client {
            Some(client) => client.clone(),
            None => self.client.insert(client(issuer, reach)?).clone(),
        };
        let answer = tokio::time::timeout(options.fetch_timeout, download(&client, url, limit)).await;
        match answer {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(problem)) => Err(format!("`{url}`: {problem}")),
            Err(_) => {
                Err(format!("`{url}`: no full answer within {} s", options.fetch_timeout.as_secs_f32()))
            }
        }
    }
}

async fn download(client: &reqwest::Client, url: &Url, limit: usize) -> Result<Vec<u8>, String> {
    let request = client.get(url.clone()).header(http::header::ACCEPT, "application/json");
    let mut response = request.send().await.map_err(|error| root_cause(&error))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(format!(
            "it answered {} with a redirect, and redirects are not followed",
            status.as_u16()
        ));
    }
    if status != http::StatusCode::OK {
        return Err(format!("it answered {}", status.as_u16()));
    }
    let too_long = || format!("its answer is longer than {limit} bytes");
    if response
        .content_length()
        .is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit))
    {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| root_cause(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn client(issuer: &Issuer, reach: Reach) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(Resolver(reach))
        .pool_max_idle_per_host(1)
        .user_agent(concat!("stagedoor/", env!("CARGO_PKG_VERSION")));
    if let Some(bundle) = &issuer.ca_bundle {
        let certificates = reqwest::Certificate::from_pem_bundle(bundle.as_bytes())
            .map_err(|error| format!("the CA bundle can't be read: {}", root_cause(&error)))?;
        if certificates.is_empty() {
            return Err("the CA bundle has no certificate".to_owned());
        }
        builder = builder.tls_certs_only(certificates);
    }
    builder.build().map_err(|error| root_cause(&error))
}

/// Where this issuer's keys may be fetched from: an issuer on this machine stays on it.
fn reach(issuer: &Issuer, url: &Url) -> Reach {
    if url.host().is_some_and(|host| is_loopback(&host)) {
        Reach::Loopback
    } else if issuer.private_network {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// Refuses plain http beyond this machine, and addresses out of reach that no resolver would see.
fn check_address(url: &Url, reach: Reach) -> Result<(), String> {
    match url.scheme() {
        "https" => {}
        "http" if reach == Reach::Loopback => {}
        _ => return Err("keys are fetched over https only".to_owned()),
    }
    match url.host() {
        Some(Host::Ipv4(address)) => reach.check(address.into()),
        Some(Host::Ipv6(address)) => reach.check(address.into()),
        Some(Host::Domain(_)) => Ok(()),
        None => Err("it has no host".to_owned()),
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{}` is not a URL ({error})", excerpt(text)))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "the URL of `{}` has a user name or password",
            url.host_str().unwrap_or_default()
        ));
    }
    Ok(url)
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(KEY_SET_LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The innermost cause, without the URL that outer ones repeat.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
