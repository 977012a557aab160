//! One HTTP gate: authenticate, decide, record, forward, in this order.

use crate::http::answer::{self, AnswerBody, DECISION, Denial};
use crate::http::body::{Download, Progress, Upload, UploadFault};
use crate::http::buffer::{self, Buffers, Whole};
use crate::http::target::Target;
use crate::http::tell::Teller;
use crate::http::upstream::{Outgoing, SendFault, Upstream, UpstreamError};
use crate::http::{Limits, strip, upgrade};
use crate::listen::{Arrival, Handler};
use crate::observe::{Answered, Observer};
use crate::turn::Turn;
use arc_swap::ArcSwap;
use http::header::{HeaderValue, USER_AGENT};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt, Either, Empty, Full};
use hyper::body::Incoming;
use stagedoor_authority::{Access, Authority, Caller, Permitted};
use stagedoor_config::{Gate, Settings};
use stagedoor_policy::Context;
use stagedoor_session::{Authenticated, Body, BodyCheck, Expected, HttpRequest, SessionRefusal};
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// The service name that a signature must be made for.
const SERVICE: &str = "execute-api";
/// The action that is decided.
const ACTION: &str = "execute-api:Invoke";

/// What a gate's file says, ready for use. Made before a snapshot takes over, so that a bad one changes nothing.
pub struct Route {
    name: String,
    stage: String,
    region: String,
    account: String,
    upstream: Upstream,
    limits: Limits,
}

impl Route {
    /// Reads a gate's file. Nothing is connected yet.
    ///
    /// # Errors
    /// When the upstream's URL cannot be used, or TLS cannot be set up.
    pub fn new(settings: &Settings, gate: &Gate) -> Result<Self, UpstreamError> {
        let limits = Limits::of(&gate.limits);
        Ok(Self {
            name: gate.name.clone(),
            stage: gate.stage.clone(),
            region: settings.region.clone(),
            account: settings.account.clone(),
            upstream: Upstream::new(&gate.upstream, &limits)?,
            limits,
        })
    }

    /// How much and how long.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// An HTTP gate.
pub struct HttpGate {
    authority: Arc<Authority>,
    observer: Arc<dyn Observer>,
    turn: Arc<Turn>,
    route: ArcSwap<Route>,
    buffers: Buffers,
}

impl HttpGate {
    /// A gate that asks `authority` and forwards along `route`. The snapshot of `authority` and the route change
    /// only while [`Turn::exchange`] is held.
    pub fn new(
        authority: Arc<Authority>,
        route: Route,
        observer: Arc<dyn Observer>,
        turn: Arc<Turn>,
    ) -> Self {
        let buffers = Buffers::new(route.limits.buffered_total);
        Self { authority, observer, turn, route: ArcSwap::from_pointee(route), buffers }
    }

    /// Forwards along another route from the next decision on.
    pub fn replace(&self, route: Route) {
        self.route.store(Arc::new(route));
    }
}

impl Handler for HttpGate {
    type Body = AnswerBody;

    async fn handle(&self, request: Request<Incoming>, arrival: Arrival) -> Response<AnswerBody> {
        let started = Instant::now();
        let route = self.route.load_full();
        let caller = caller(&arrival, &request);
        let passage = Passage { gate: self, route: route.clone(), caller };
        let (response, reason) = match passage.pass(request, &arrival).await {
            Ok(response) => (response, None),
            Err(denial) => {
                let reason = denial.reason;
                tracing::info!(
                    gate = %route.name, status = denial.status.as_u16(), reason,
                    decision = %denial.decision_id, "not served"
                );
                (denial.into_response(), Some(reason))
            }
        };
        self.observer.answered(&Answered {
            gate: &route.name,
            status: response.status().as_u16(),
            reason,
            elapsed: started.elapsed(),
        });
        response
    }
}

fn caller(arrival: &Arrival, request: &Request<Incoming>) -> Caller {
    const LONGEST: usize = 512;
    let agent = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
    Caller {
        source_ip: arrival.peer.ip().to_canonical(),
        user_agent: String::from_utf8_lossy(agent).chars().take(LONGEST).collect(),
        request_id: Uuid::new_v4().to_string(),
        secure_transport: false,
    }
}

/// One request on its way.
struct Passage<'a> {
    gate: &'a HttpGate,
    route: Arc<Route>,
    caller: Caller,
}

/// A request body, after authentication has looked at it.
enum Arrived {
    Streaming(Incoming),
    Whole(Whole),
}

impl Passage<'_> {
    async fn pass(
        mut self,
        mut request: Request<Incoming>,
        arrival: &Arrival,
    ) -> Result<Response<AnswerBody>, Denial> {
        if let Err(fault) = arrival.framing {
            return Err(self.malformed(StatusCode::BAD_REQUEST, &fault.to_string()).await);
        }
        let upgrading = upgrade::Asked::of(&mut request);
        let (parts, body) = request.into_parts();
        let target = match Target::read(&parts) {
            Ok(target) => target,
            Err(fault) => return Err(self.malformed(StatusCode::BAD_REQUEST, &fault.to_string()).await),
        };
        if body.size_hint().lower() > self.route.limits.body {
            return Err(self.too_large().await);
        }
        let access = self.access(&target);
        let (authenticated, body) = self.authenticate(&parts, body, &access).await?;
        let (permitted, access) = self.decide(&authenticated, &target).await?;

        let mut outgoing = self.outgoing(&parts, &target, &permitted)?;
        if let Some(upgrading) = &upgrading {
            upgrading.ask(&mut outgoing);
        }
        let (body, progress) = self.body(body, &authenticated, &access).await?;
        let answer = self.route.upstream.send(outgoing.map(|()| body), progress.as_ref()).await;
        match answer {
            Ok(answer) => self.answered(answer, upgrading, arrival, &permitted),
            Err(fault) => Err(self.unanswered(fault, progress, &access, &permitted).await),
        }
    }

    /// Decides by the present configuration. What is forwarded goes along the route that was decided on, even if
    /// the request arrived under another.
    async fn decide(
        &mut self,
        authenticated: &Authenticated,
        target: &Target,
    ) -> Result<(Permitted, Access), Denial> {
        let _turn = self.gate.turn.decide().await;
        self.route = self.gate.route.load_full();
        let access = self.access(target);
        match self.gate.authority.authorize(authenticated, access.clone(), &self.caller).await {
            Ok(permitted) => Ok((permitted, access)),
            Err(refusal) => Err(Denial::refused(&refusal)),
        }
    }

    fn access(&self, target: &Target) -> Access {
        let route = &self.route;
        Access {
            gate: route.name.clone(),
            action: ACTION.to_owned(),
            resource: target.arn(&route.region, &route.account, &route.name, &route.stage),
            context: Context::new(),
        }
    }

    /// Finds the session. A body whose hash is signed without being declared is read first.
    async fn authenticate(
        &self,
        parts: &Parts,
        body: Incoming,
        access: &Access,
    ) -> Result<(Authenticated, Arrived), Denial> {
        let known = if body.is_end_stream() { Body::empty() } else { Body::Unread };
        match self.session(parts, known) {
            Ok(authenticated) => Ok((authenticated, Arrived::Streaming(body))),
            Err(SessionRefusal::BodyHashNeeded) => {
                let whole = self.read(body, access).await?;
                match self.session(parts, Body::of(whole.bytes())) {
                    Ok(authenticated) => Ok((authenticated, Arrived::Whole(whole))),
                    Err(refusal) => Err(self.refuse(access, &refusal).await),
                }
            }
            Err(refusal) => Err(self.refuse(access, &refusal).await),
        }
    }

    fn session(&self, parts: &Parts, body: Body) -> Result<Authenticated, SessionRefusal> {
        let request = HttpRequest {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body,
        };
        let expected = Expected { region: Some(&self.route.region), services: &[SERVICE], s3: false };
        self.gate.authority.authenticate(&request, &expected)
    }

    async fn read(&self, body: Incoming, access: &Access) -> Result<Whole, Denial> {
        let limits = &self.route.limits;
        let limit = limits.buffered_body.min(usize::try_from(limits.body).unwrap_or(usize::MAX));
        match self.gate.buffers.read(body, limit, limits.upload_idle).await {
            Ok(whole) => Ok(whole),
            Err(buffer::Fault::TooLarge) => {
                let denial = self.refuse(access, &SessionRefusal::BodyHashNeeded).await;
                Err(denial.with_status(StatusCode::PAYLOAD_TOO_LARGE).with_message(format!(
                    "A body of more than {limit} bytes needs its SHA-256 in `X-Amz-Content-Sha256`, signed."
                )))
            }
            Err(buffer::Fault::Busy) => Err(self.busy()),
            Err(buffer::Fault::Upload(fault)) => {
                Err(self.malformed(StatusCode::REQUEST_TIMEOUT, &fault.to_string()).await)
            }
        }
    }

    /// The forwarded request's head: nothing of the caller's credentials, and who calls.
    fn outgoing(&self, parts: &Parts, target: &Target, permitted: &Permitted) -> Result<Request<()>, Denial> {
        let route = &self.route;
        let query = strip::query(parts.uri.query().unwrap_or_default());
        let url = route.upstream.url(target.path.encoded(), &query).map_err(|error| {
            Denial::local(
                StatusCode::BAD_GATEWAY,
                "upstream_failed",
                permitted.decision_id(),
                error.to_string(),
            )
        })?;
        let mut request = Request::new(());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = url;
        let mut headers = strip::request_headers(&parts.headers);
        let mut teller = Teller::new(&mut headers, route.limits.told_value);
        teller.session(permitted.session(), permitted.decision_id());
        teller.connection(self.caller.source_ip, &target.host, route.upstream.authority());
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// The forwarded body. One without bytes is checked at once, since nobody would ever poll it.
    async fn body(
        &self,
        body: Arrived,
        authenticated: &Authenticated,
        access: &Access,
    ) -> Result<(Outgoing, Option<Progress>), Denial> {
        let body = match body {
            Arrived::Whole(whole) => {
                return Ok((Either::Right(Either::Left(Full::new(whole.into_bytes()))), None));
            }
            Arrived::Streaming(body) => body,
        };
        let check = match BodyCheck::new(&authenticated.payload) {
            Ok(check) => check,
            Err(refusal) => return Err(self.refuse(access, &refusal).await),
        };
        if body.is_end_stream() {
            return match check.finish() {
                Ok(()) => Ok((Either::Right(Either::Right(Empty::new())), None)),
                Err(refusal) => Err(self.refuse(access, &refusal).await),
            };
        }
        let limits = &self.route.limits;
        let (upload, progress) = Upload::new(body, check, limits.body, limits.upload_idle);
        Ok((Either::Left(upload), Some(progress)))
    }

    fn answered(
        &self,
        answer: Response<Incoming>,
        upgrading: Option<upgrade::Asked>,
        arrival: &Arrival,
        permitted: &Permitted,
    ) -> Result<Response<AnswerBody>, Denial> {
        let failed = |message: &str| {
            Denial::local(
                StatusCode::BAD_GATEWAY,
                "upstream_failed",
                permitted.decision_id(),
                message.to_owned(),
            )
        };
        let mut headers = strip::answer_headers(answer.headers());
        if let Ok(id) = HeaderValue::from_str(permitted.decision_id()) {
            headers.insert(DECISION, id);
        }
        let status = answer.status();
        let body = if status == StatusCode::SWITCHING_PROTOCOLS {
            let left = permitted.session().expires_at.duration_since(self.gate.authority.now());
            let left = left.try_into().unwrap_or_default();
            upgrading
                .ok_or_else(|| failed("The upstream switched protocols without being asked."))?
                .join(answer, &mut headers, left, arrival)
                .map_err(failed)?;
            answer::full(Vec::new())
        } else {
            Download::new(answer.into_body(), self.route.limits.download_idle)
                .map_err(Into::into)
                .boxed_unsync()
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// What the caller is told when no answer came: the fault may be the caller's own body.
    async fn unanswered(
        &self,
        fault: SendFault,
        progress: Option<Progress>,
        access: &Access,
        permitted: &Permitted,
    ) -> Denial {
        let id = permitted.decision_id();
        match progress.and_then(|progress| progress.fault()) {
            Some(UploadFault::NotAsSigned(refusal)) => return self.refuse(access, &refusal).await,
            Some(fault @ UploadFault::TooLarge { .. }) => {
                return Denial::local(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", id, fault.to_string());
            }
            Some(fault @ (UploadFault::Stalled(_) | UploadFault::Broken)) => {
                return Denial::local(StatusCode::REQUEST_TIMEOUT, "body_incomplete", id, fault.to_string());
            }
            None => {}
        }
        tracing::warn!(gate = %self.route.name, decision = %id, %fault, "the upstream failed");
        let (status, reason, message) = match fault {
            SendFault::Unreachable(_) => (
                StatusCode::BAD_GATEWAY,
                "upstream_unreachable",
                "The service behind this gate cannot be reached.",
            ),
            SendFault::Failed(_) => {
                (StatusCode::BAD_GATEWAY, "upstream_failed", "The service behind this gate broke off.")
            }
            SendFault::Slow(_) => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "The service behind this gate did not answer in time.",
            ),
        };
        Denial::local(status, reason, id, message.to_owned())
    }

    async fn refuse(&self, access: &Access, refusal: &SessionRefusal) -> Denial {
        Denial::refused(&self.gate.authority.refuse_unauthenticated(access, refusal, &self.caller).await)
    }

    async fn malformed(&self, status: StatusCode, detail: &str) -> Denial {
        let refusal =
            self.gate.authority.refuse_malformed(&self.route.name, ACTION, detail, &self.caller).await;
        let denial = Denial::refused(&refusal);
        // Unrecorded, it stays what the authority made of it.
        if denial.status == StatusCode::BAD_REQUEST { denial.with_status(status) } else { denial }
    }

    async fn too_large(&self) -> Denial {
        let detail = format!("the request body is larger than {} bytes", self.route.limits.body);
        self.malformed(StatusCode::PAYLOAD_TOO_LARGE, &detail).await
    }

    fn busy(&self) -> Denial {
        Denial::local(
            StatusCode::SERVICE_UNAVAILABLE,
            "gate_busy",
            &self.caller.request_id,
            "Too many bodies wait for their signature to be checked. Declare the hash in `X-Amz-Content-Sha256`, \
             or try again."
                .to_owned(),
        )
    }
}
