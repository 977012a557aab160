//! What of a request is the caller's to say, and what only the gate may say.

use http::HeaderMap;
use http::header::{CONNECTION, HeaderName};
use percent_encoding::percent_decode_str;

/// Headers that never pass in either direction (RFC 9110 §7.6.1), those that steer this connection only, and those
/// that the gate answers for.
const ONE_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Request headers with a meaning only for the gate, or one that the gate alone may give.
const GATE_ONLY: &[&str] = &[
    "authorization",
    "client-cert",
    "client-cert-chain",
    "content-length",
    "expect",
    "forwarded",
    "front-end-https",
    "host",
    "max-forwards",
    "remote-user",
    "true-client-ip",
    "user",
    "via",
    "x-anonymous-consumer",
    "x-apigateway-api-userinfo",
    "x-auth-email",
    "x-auth-groups",
    "x-auth-roles",
    "x-auth-user",
    "x-auth-username",
    "x-client-cert",
    "x-client-dn",
    "x-client-ip",
    "x-client-verify",
    "x-cluster-client-ip",
    "x-credential-identifier",
    "x-endpoint-api-userinfo",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
];

/// Families of headers by which proxies tell an upstream who calls, or by which a caller rewrites what was decided.
const GATE_ONLY_PREFIXES: &[&str] = &[
    "x-stagedoor-",
    "x-amz-",
    "x-amzn-mtls-",
    "x-amzn-oidc-",
    "x-arr-",
    "x-auth-request-",
    "x-authenticated-",
    "x-authentik-",
    "x-consumer-",
    "x-envoy-",
    "x-forwarded-",
    "x-goog-authenticated-user-",
    "x-goog-iap-",
    "x-jwt-",
    "x-ms-client-principal",
    "x-ms-token-",
    "x-original-",
    "x-pomerium-",
    "x-remote-",
    "x-rewrite-",
    "x-ssl-",
    "x-user",
    "x-webauth-",
    "cf-access-",
    "cf-connecting-",
    "impersonate-",
    "proxy-",
    "remote-",
    "ssl-client-",
    "tailscale-",
];

/// Whether a request header may reach the upstream as the caller sent it.
///
/// CGI-like upstreams read `_` as `-`, so `x_stagedoor_role` is as much a forgery as `x-stagedoor-role`.
fn passes(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    !ONE_HOP.contains(&name.as_str())
        && !GATE_ONLY.contains(&name.as_str())
        && !GATE_ONLY_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The headers of a request that the upstream gets as they are.
pub(crate) fn request_headers(headers: &HeaderMap) -> HeaderMap {
    let listed = listed_by_connection(headers);
    copy(headers, |name| passes(name) && !listed.iter().any(|listed| listed == name.as_str()))
}

/// The headers of an answer that the caller gets as they are.
pub(crate) fn answer_headers(headers: &HeaderMap) -> HeaderMap {
    let listed = listed_by_connection(headers);
    copy(headers, |name| {
        !ONE_HOP.contains(&name.as_str())
            && !name.as_str().starts_with("x-stagedoor-")
            && !listed.iter().any(|listed| listed == name.as_str())
    })
}

fn copy(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len() + 16);
    for (name, value) in headers {
        if keep(name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

fn listed_by_connection(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// The query without the parameters of a presigned request, otherwise byte for byte.
pub(crate) fn query(raw: &str) -> String {
    let kept: Vec<&str> = raw.split('&').filter(|pair| !is_signing(pair)).collect();
    kept.join("&")
}

fn is_signing(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    name.trim().starts_with("x-amz-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(names: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_static("x"));
        }
        headers
    }

    #[test]
    fn what_a_caller_must_not_say_does_not_pass() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "X-Amz-Security-Token",
            "X-Amz-Date",
            "X-Amz-Content-Sha256",
            "X-Stagedoor-Role",
            "X_Stagedoor_Role",
            "x-stagedoor_role",
            "X-Forwarded-For",
            "X-Forwarded-User",
            "X_Forwarded_User",
            "X-Forwarded-Client-Cert",
            "X-Remote-User",
            "X-Remote-Group",
            "Remote_User",
            "Remote-Groups",
            "X-WebAuth-User",
            "X-Auth-User",
            "X-Consumer-Username",
            "X-JWT-Assertion",
            "Client-Cert",
            "X-Auth-Request-Email",
            "X-User-Id",
            "X-Real-IP",
            "Forwarded",
            "Impersonate-User",
            "X-HTTP-Method-Override",
            "X-Original-URL",
            "X-Rewrite-URL",
            "Transfer-Encoding",
            "Upgrade",
            "TE",
            "HTTP2-Settings",
            "Expect",
            "Host",
        ] {
            assert!(request_headers(&headers(&[name])).is_empty(), "{name}");
        }
    }

    #[test]
    fn the_rest_passes() {
        let names = [
            "accept",
            "content-type",
            "cookie",
            "if-none-match",
            "x-request-id",
            "user-agent",
            "x-vault-token",
        ];
        assert_eq!(request_headers(&headers(&names)), headers(&names));
    }

    #[test]
    fn headers_listed_by_connection_are_for_one_hop() {
        let mut asked = headers(&["x-hop", "x-end"]);
        asked.insert(CONNECTION, HeaderValue::from_static("close, X-Hop"));
        assert_eq!(request_headers(&asked), headers(&["x-end"]));
        assert_eq!(answer_headers(&asked), headers(&["x-end"]));
    }

    #[test]
    fn an_upstream_cannot_speak_as_the_gate() {
        assert_eq!(
            answer_headers(&headers(&["x-stagedoor-decision", "set-cookie"])),
            headers(&["set-cookie"])
        );
    }

    #[test]
    fn signing_parameters_are_cut_and_the_rest_is_untouched() {
        for (raw, kept) in [
            ("", ""),
            ("a=1&b=%2f", "a=1&b=%2f"),
            ("X-Amz-Signature=abc", ""),
            ("a=1&X-Amz-Signature=abc&b=2&x-amz-security-token=t", "a=1&b=2"),
            ("a&X%2DAmz%2dDate=1&&b", "a&&b"),
            ("xX-Amz-Date=1", "xX-Amz-Date=1"),
        ] {
            assert_eq!(query(raw), kept, "{raw}");
        }
    }
}
