//! Database passwords.

use stagedoor_session::{MAX_DATABASE_TOKEN, Scheme};

use crate::stage::{Arrived, Client, HOST, keyring, later, now, session};

fn password(client: Client) -> String {
    let client = Client { service: "rds-db", ..client };
    let request = client.sign(Arrived::new("GET", "/?Action=connect&DBUser=app"));
    format!("{HOST}/?{}", request.query)
}

fn code(password: &str, region: Option<&str>, at: jiff::Timestamp) -> &'static str {
    match keyring().authenticate_database(password, region, at) {
        Ok(_) => "accepted",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn a_password_proves_the_session_and_names_the_user() {
    let password = password(Client::presigned(900));
    let login = keyring().authenticate_database(&password, Some("us-east-1"), now()).unwrap();
    assert_eq!(login.authenticated.session, session());
    assert_eq!(login.authenticated.scheme, Scheme::Presigned);
    assert_eq!((login.endpoint.as_str(), login.user.as_str()), (HOST, "app"));
    assert_eq!(code(&password, None, later(900)), "accepted");
    assert_eq!(code(&password, None, later(901)), "signature_expired");
    assert_eq!(code(&password, Some("eu-west-1"), now()), "scope_mismatch");
}

#[test]
fn other_requests_are_no_passwords() {
    let client = Client { service: "execute-api", ..Client::presigned(900) };
    let request = client.sign(Arrived::new("GET", "/?Action=connect&DBUser=app"));
    assert_eq!(code(&format!("{HOST}/?{}", request.query), None, now()), "scope_mismatch");

    let good = password(Client::presigned(900));
    assert_eq!(code(&good.replace("DBUser=app", "DBUser=root"), None, now()), "signature_mismatch");
    assert_eq!(code(&good.replace(HOST, "other:5432"), None, now()), "signature_mismatch");
    assert_eq!(code("db:5432/?Action=connect&DBUser=app", None, now()), "credentials_missing");
    assert_eq!(code("hunter2", None, now()), "credentials_malformed");
    assert_eq!(code(&"x".repeat(MAX_DATABASE_TOKEN + 1), None, now()), "request_too_large");
}
