//! Database passwords that are presigned queries: `aws rds generate-db-auth-token`.

use http::header::HOST;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::authenticate::{Authenticated, Body, Expected, HttpRequest};
use crate::keyring::Keyring;
use crate::refusal::SessionRefusal;
use crate::sigv4::query_pairs;

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
        let parsed = Password::parse(password)?;
        let expected = Expected { region, services: &[SERVICE], s3: false };
        let authenticated = self.authenticate(&parsed.request(), &expected, now)?;
        Ok(DatabaseLogin { authenticated, endpoint: parsed.endpoint.to_owned(), user: parsed.user })
    }
}

/// A password taken apart: the request that it is the presigned URL of.
struct Password<'a> {
    endpoint: &'a str,
    query: &'a str,
    headers: HeaderMap,
    user: String,
}

impl<'a> Password<'a> {
    fn parse(password: &'a str) -> Result<Self, SessionRefusal> {
        if password.len() > MAX_DATABASE_TOKEN {
            return Err(SessionRefusal::TooLarge {
                at: AT,
                limit: MAX_DATABASE_TOKEN,
                found: password.len(),
            });
        }
        let malformed = |wanted, found: &str| SessionRefusal::malformed(AT, wanted, found);
        let url = password
            .strip_prefix("https://")
            .or_else(|| password.strip_prefix("http://"))
            .unwrap_or(password);
        let (endpoint, query) = url.split_once("/?").ok_or_else(|| {
            malformed(
                "`host:port/?Action=connect&DBUser=…&X-Amz-…`, as `generate-db-auth-token` prints it",
                "something else",
            )
        })?;
        let host =
            HeaderValue::from_str(endpoint).map_err(|_| malformed("`host:port`", "other characters"))?;
        if parameter(query, "Action")? != "connect" {
            return Err(malformed("`Action=connect`", "another action"));
        }
        let user = parameter(query, "DBUser")?;
        let headers = HeaderMap::from_iter([(HOST, host)]);
        Ok(Self { endpoint, query, headers, user })
    }

    fn request(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: "GET",
            path: "/",
            query: self.query,
            headers: &self.headers,
            body: Body::empty(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::{Signed, verified};

    /// What `aws rds generate-db-auth-token` (AWS CLI 1.45) printed for a user with a space in the name.
    const FROM_THE_CLI: &str = "orders-db.acme.internal:5433/?Action=connect&DBUser=app%20writer&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAEXAMPLE%2F20261121%2Fus-east-1%2Frds-db%2Faws4_request&X-Amz-Date=20261121T041632Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D&X-Amz-Signature=fea186b5c0df1de7e6fbb5fc5fecd98b187a7d815e22292fa66633fc4efd6f92";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn a_password_of_the_aws_cli_verifies() {
        for password in [FROM_THE_CLI.to_owned(), format!("https://{FROM_THE_CLI}")] {
            let parsed = Password::parse(&password).unwrap();
            assert_eq!(
                (parsed.endpoint, parsed.user.as_str()),
                ("orders-db.acme.internal:5433", "app writer")
            );
            let signed = Signed::parse(&parsed.request()).unwrap().unwrap();
            assert_eq!(signed.service(), SERVICE);
            assert!(verified(&signed, &parsed.request(), SECRET, false));
            assert!(!verified(&signed, &parsed.request(), "another secret", false));
        }
    }

    #[test]
    fn the_user_and_the_endpoint_are_signed() {
        for (from, to) in
            [("app%20writer", "root"), ("orders-db", "audit-db"), (":5433", ":5432"), ("=900", "=901")]
        {
            let password = FROM_THE_CLI.replacen(from, to, 1);
            let parsed = Password::parse(&password).unwrap();
            let signed = Signed::parse(&parsed.request()).unwrap().unwrap();
            assert!(!verified(&signed, &parsed.request(), SECRET, false), "{to}");
        }
    }

    #[test]
    fn other_passwords_are_refused_before_anything_is_verified() {
        let code = |password: &str| Password::parse(password).err().map(|refusal| refusal.code());
        let repeated = format!("{FROM_THE_CLI}&DBUser=root");
        for (password, expected) in [
            ("hunter2", "credentials_malformed"),
            ("", "credentials_malformed"),
            ("db:5432/?Action=drop&DBUser=app", "credentials_malformed"),
            ("db:5432/?Action=connect", "credentials_malformed"),
            ("db\n:5432/?Action=connect&DBUser=a", "credentials_malformed"),
            (repeated.as_str(), "duplicate_parameter"),
            (&"a".repeat(MAX_DATABASE_TOKEN + 1), "request_too_large"),
        ] {
            assert_eq!(code(password), Some(expected), "{password:.40}");
        }
    }
}
