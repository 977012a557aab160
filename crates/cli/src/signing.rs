//! Signature Version 4, the caller's side: what `curl --aws-sigv4` does.
//! Source: AWS, "Create a signed AWS API request".

use aws_lc_rs::{digest, hmac};
use jiff::Timestamp;
use url::{Position, Url};

use crate::sts::Credentials;

/// Where a signature counts: the region and the service of the credential scope.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Such as `us-east-1`.
    pub(crate) region: &'a str,
    /// Such as `execute-api`.
    pub(crate) service: &'a str,
}

/// The headers to add to a request so that it is signed. The payload is bound by its
/// hash; `Host`, the date and the session token are signed.
pub(crate) fn sign(
    credentials: &Credentials,
    scope: Scope<'_>,
    method: &str,
    url: &Url,
    body: &[u8],
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let moment = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day: String = moment.chars().take(8).collect();
    let payload = hex::encode(digest::digest(&digest::SHA256, body));
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let token = credentials.session_token();
    let names = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    let request = format!(
        "{method}\n{}\n{}\nhost:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{moment}\n\
         x-amz-security-token:{token}\n\n{names}\n{payload}",
        canonical_path(url.path()),
        canonical_query(url),
    );
    let range = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!(
        "AWS4-HMAC-SHA256\n{moment}\n{range}\n{}",
        hex::encode(digest::digest(&digest::SHA256, request.as_bytes()))
    );
    let mut key = format!("AWS4{}", credentials.secret_access_key()).into_bytes();
    for part in [day.as_str(), scope.region, scope.service, "aws4_request"] {
        key = mac(&key, part.as_bytes());
    }
    let signature = hex::encode(mac(&key, text.as_bytes()));
    vec![
        ("x-amz-date", moment),
        ("x-amz-content-sha256", payload),
        ("x-amz-security-token", token.to_owned()),
        (
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{range}, SignedHeaders={names}, Signature={signature}",
                credentials.access_key_id
            ),
        ),
    ]
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

/// The path on the wire, encoded once more, as every service but S3 wants it.
fn canonical_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

fn canonical_query(url: &Url) -> String {
    let mut pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
    pairs.sort();
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use aws_sigv4::http_request::{
        PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign as theirs,
    };
    use aws_sigv4::sign::v4;

    use super::*;

    fn by_aws(credentials: &Credentials, method: &str, url: &str, body: &[u8], now: Timestamp) -> String {
        let identity = aws_credential_types::Credentials::new(
            credentials.access_key_id.clone(),
            credentials.secret_access_key().to_owned(),
            Some(credentials.session_token().to_owned()),
            None,
            "test",
        )
        .into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("execute-api")
            .time(SystemTime::from(now))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let request =
            SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body)).unwrap();
        let (instructions, _) = theirs(request, &parameters).unwrap().into_parts();
        let mut request = http::Request::builder().method(method).uri(url).body(()).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        request.headers()["authorization"].to_str().unwrap().to_owned()
    }

    #[test]
    fn signs_as_the_aws_sdk_does() {
        let credentials =
            Credentials::new("ASIAEXAMPLE", "secret", "a/session+token==", "2026-11-20T11:00:00Z");
        let now: Timestamp = "2026-11-20T10:00:00.5Z".parse().unwrap();
        let scope = Scope { region: "us-east-1", service: "execute-api" };
        for (method, url, body) in [
            ("GET", "http://127.0.0.1:8020/orders/42", b"".as_slice()),
            ("POST", "http://localhost/a%20b/c?z=1&a=%2F&a=1&empty=", b"{\"x\":1}"),
            ("DELETE", "https://gate.example.com/", b""),
        ] {
            let ours = sign(&credentials, scope, method, &Url::parse(url).unwrap(), body, now);
            let header = &ours.iter().find(|(name, _)| *name == "authorization").unwrap().1;
            assert_eq!(*header, by_aws(&credentials, method, url, body, now), "{method} {url}");
        }
    }
}
