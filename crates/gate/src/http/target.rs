//! What a request asks for, in one reading.

use crate::http::path::{CleanPath, PathFault};
use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Version};

/// What a request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The method: capital letters.
    pub(crate) method: String,
    /// The path.
    pub(crate) path: CleanPath,
    /// The `Host` header as it came.
    pub(crate) host: HeaderValue,
}

/// Why a request does not ask for one clear thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetFault {
    #[error("the method `{0}` is not accepted: wanted capital letters, and neither CONNECT nor TRACE")]
    Method(String),
    #[error("the request has no `Host` header, or several")]
    HostMissing,
    #[error("the `Host` header is no host with an optional port")]
    HostMalformed,
    #[error("the request target names `{target}` and the `Host` header `{host}`: they must be the same")]
    HostsDiffer { target: String, host: String },
    #[error("{0}")]
    Path(#[from] PathFault),
}

impl Target {
    /// Reads a request's head.
    pub(crate) fn read(parts: &Parts) -> Result<Self, TargetFault> {
        let method = method(&parts.method)?;
        let host = host(parts)?;
        Ok(Self { method, path: CleanPath::parse(parts.uri.path())?, host })
    }

    /// The ARN of what is asked for, at `gate`.
    pub(crate) fn arn(&self, region: &str, account: &str, gate: &str, stage: &str) -> String {
        let path = self.path.decoded();
        format!("arn:aws:execute-api:{region}:{account}:{gate}/{stage}/{}{path}", self.method)
    }
}

fn method(method: &Method) -> Result<String, TargetFault> {
    let text = method.as_str();
    let plain = !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    // TRACE would show the upstream's view of the request, ours included; CONNECT asks for a tunnel.
    if !plain || matches!(*method, Method::CONNECT | Method::TRACE) {
        return Err(TargetFault::Method(text.chars().take(32).collect()));
    }
    Ok(text.to_owned())
}

fn host(parts: &Parts) -> Result<HeaderValue, TargetFault> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (Some(value), None) = (hosts.next(), hosts.next()) else { return Err(TargetFault::HostMissing) };
    let host = value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Authority>().ok())
        .filter(|host| !host.as_str().contains('@'))
        .ok_or(TargetFault::HostMalformed)?;
    if let Some(target) = parts.uri.authority()
        && (target != &host || parts.version != Version::HTTP_11)
    {
        return Err(TargetFault::HostsDiffer { target: target.to_string(), host: host.to_string() });
    }
    Ok(value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn read(method: &str, target: &str, hosts: &[&str]) -> Result<Target, TargetFault> {
        let mut request = Request::builder().method(method).uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        Target::read(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_plain_request_has_an_arn() {
        let target = read("GET", "/orders/42?x=%2f", &["gate:8080"]).unwrap();
        assert_eq!(
            target.arn("us-east-1", "123456789012", "shop", "live"),
            "arn:aws:execute-api:us-east-1:123456789012:shop/live/GET/orders/42"
        );
        let target = read("DELETE", "http://gate:8080/a%20b", &["GATE:8080"]).unwrap();
        assert_eq!(target.arn("r", "1", "shop", "live"), "arn:aws:execute-api:r:1:shop/live/DELETE/a b");
    }

    #[test]
    fn unclear_requests_are_refused() {
        for (method, target, hosts, text) in [
            ("get", "/", &["h"][..], "method `get`"),
            ("TRACE", "/", &["h"], "method `TRACE`"),
            ("G*T", "/", &["h"], "method `G*T`"),
            ("GET", "/", &[], "no `Host`"),
            ("GET", "/", &["h", "h"], "several"),
            ("GET", "/", &["user@h"], "no host"),
            ("GET", "/", &["h/x"], "no host"),
            ("GET", "/", &[""], "no host"),
            ("GET", "http://other/", &["h"], "must be the same"),
            ("OPTIONS", "*", &["h"], "absolute path"),
            ("GET", "/a/../b", &["h"], "dots"),
        ] {
            let fault = read(method, target, hosts).unwrap_err().to_string();
            assert!(fault.contains(text), "{method} {target}: {fault}");
        }
    }
}
