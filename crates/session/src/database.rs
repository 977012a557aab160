//! Database passwords that are presigned queries: `aws rds generate-db-auth-token`.

use http::header::HOST;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::authenticate::{Authenticated, Body, Expected, HttpRequest};
use crate::keyring::Keyring;
use crate::refusal::SessionRefusal;
use crate::sigv4::{Signed, query_pairs};

/// The longest database password that is read, in bytes.
pub const MAX_DATABASE_TOKEN: usize = 16 * 1024;

/// The service in the credential scope of a database password.
const SERVICE: &str = "rds-db";
const AT: &str = "the database password";

/// A database login that has been authenticated.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DatabaseLogin {
    /// The proof.
    pub authenticated: Authenticated,
    /// The endpoint that the password was made for, `host:port` as the client wrote it.
    pub endpoint: String,
    /// The database user that the password was made for.
    pub user: String,
}

impl Keyring {
    /// Authenticates a database password: `host:port/?Action=connect&DBUser=…&X-Amz-…`, a presigned `GET` without
    /// its scheme. A leading `https://` or `http://` is taken too.
    ///
    /// The caller compares [`DatabaseLogin::user`] with the user of the connection.
    ///
    /// # Errors
    /// A [`SessionRefusal`] that says why not.
    pub fn authenticate_database(
        &self,
        password: &str,
        region: Option<&str>,
        now: Timestamp,
    ) -> Result<DatabaseLogin, SessionRefusal> {
        if password.len() > MAX_DATABASE_TOKEN {
            return Err(SessionRefusal::TooLarge {
                at: AT,
                limit: MAX_DATABASE_TOKEN,
                found: password.len(),
            });
        }
        let malformed = |wanted, found: &str| Err(SessionRefusal::malformed(AT, wanted, found));
        let url = password
            .strip_prefix("https://")
            .or_else(|| password.strip_prefix("http://"))
            .unwrap_or(password);
        let Some((endpoint, query)) = url.split_once("/?") else {
            return malformed("`host:port/?Action=connect&DBUser=…&X-Amz-…`", "something else");
        };
        let Ok(host) = HeaderValue::from_str(endpoint) else {
            return malformed("`host:port`", "other characters");
        };
        let mut headers = HeaderMap::with_capacity(1);
        headers.insert(HOST, host);
        let request = HttpRequest { method: "GET", path: "/", query, headers: &headers, body: Body::empty() };
        if Signed::parse(&request)?.is_none() {
            return Err(SessionRefusal::CredentialsMissing);
        }
        if parameter(query, "Action")? != "connect" {
            return malformed("`Action=connect`", "another action");
        }
        let user = parameter(query, "DBUser")?;
        let expected = Expected { region, services: &[SERVICE], s3: false };
        let authenticated = self.authenticate(&request, &expected, now)?;
        Ok(DatabaseLogin { authenticated, endpoint: endpoint.to_owned(), user })
    }
}

/// The one value of a query parameter, in UTF-8 and not empty.
fn parameter(query: &str, name: &'static str) -> Result<String, SessionRefusal> {
    let mut values = query_pairs(query).filter(|(key, _)| key == name.as_bytes()).map(|(_, value)| value);
    let value = values.next().unwrap_or_default();
    if values.next().is_some() {
        return Err(SessionRefusal::DuplicateParameter(name.to_owned()));
    }
    String::from_utf8(value)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| SessionRefusal::malformed(AT, "`Action` and `DBUser`", "none"))
}
