//! An issuer that can be started, asked for tokens, and stopped.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::claims::Kind;
use crate::key::{KeyError, SigningKey, hs256, signing_input};
use crate::serve::{State, serve};

/// How to start an issuer.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The path in the issuer URL, instead of the vendor's own; with a leading and without a trailing slash.
    pub path: Option<String>,
}

/// Why an issuer did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port could not be taken.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port wanted.
        port: u16,
        /// The cause.
        source: std::io::Error,
    },
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What signs a token that is made by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignWith<'a> {
    /// The issuer's key in use.
    Issuer,
    /// An RSA key that was never published.
    OtherKey,
    /// HMAC-SHA256 with this secret, whatever the header says.
    Secret(&'a [u8]),
    /// Nothing: the signature is empty.
    Nothing,
}

/// An issuer on loopback. It stops when it is dropped.
pub struct Issuer {
    state: Arc<State>,
    address: SocketAddr,
    other: Mutex<Option<SigningKey>>,
    server: JoinHandle<()>,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("kind", &self.kind()).field("url", &self.url()).finish_non_exhaustive()
    }
}

impl Issuer {
    /// Makes a key, takes the port and serves. Needs a Tokio runtime.
    ///
    /// # Errors
    /// When the port is taken or no key can be made.
    pub async fn start(kind: Kind, options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let path = options.path.unwrap_or_else(|| kind.issuer_path());
        let state = Arc::new(State {
            kind,
            url: format!("http://{address}{path}"),
            path,
            keys: RwLock::new(vec![Arc::new(SigningKey::generate()?)]),
            down: AtomicBool::new(false),
            discoveries: AtomicU64::new(0),
            key_fetches: AtomicU64::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { state, address, other: Mutex::new(None), server })
    }

    /// The vendor.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.state.kind
    }

    /// The exact `iss`: `http://127.0.0.1:<port><path>`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The audience that the vendor sets when a job asks for none.
    #[must_use]
    pub fn audience(&self) -> String {
        let claims = self.kind().example_claims(self.url(), Timestamp::UNIX_EPOCH);
        claims.get("aud").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Where the keys are published.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        self.state.jwks_uri()
    }

    /// The published keys.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.state.jwks()
    }

    /// The key id that new tokens name.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.state.keys().first().map(|key| key.kid.clone()).unwrap_or_default()
    }

    /// The claims of a token made at `now`: the vendor's example with `patch` laid over it. A member of `patch`
    /// replaces the claim of that name, `null` removes it. The subject follows the patched claims as the vendor
    /// derives it, unless `patch` has a `sub` of its own.
    #[must_use]
    pub fn claims(&self, now: Timestamp, patch: &Value) -> Value {
        let mut claims: Map<String, Value> = self.kind().example_claims(self.url(), now);
        let empty = Map::new();
        let patch = patch.as_object().unwrap_or(&empty);
        for (name, value) in patch {
            if value.is_null() {
                claims.remove(name);
            } else {
                claims.insert(name.clone(), value.clone());
            }
        }
        if !patch.contains_key("sub")
            && let Some(subject) = self.kind().subject(&claims)
        {
            claims.insert("sub".to_owned(), subject.into());
        }
        Value::Object(claims)
    }

    /// The header of its tokens.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "RS256", "kid": self.key_id() })
    }

    /// A token made now: see [`Issuer::claims`] for `patch`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, patch: &Value) -> Result<String, KeyError> {
        self.token_at(Timestamp::now(), patch)
    }

    /// A token made at `now`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token_at(&self, now: Timestamp, patch: &Value) -> Result<String, KeyError> {
        self.sign_raw(&self.header(), &self.claims(now, patch), SignWith::Issuer)
    }

    /// Any header and any claims, signed as told: forged tokens, `alg: none`, algorithm confusion.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign_raw(&self, header: &Value, claims: &Value, with: SignWith<'_>) -> Result<String, KeyError> {
        let input = signing_input(header, claims);
        let signature = match with {
            SignWith::Issuer => self.state.keys().first().ok_or(KeyError::Sign)?.sign(&input)?,
            SignWith::OtherKey => self.sign_with_other_key(&input)?,
            SignWith::Secret(secret) => hs256(secret, &input),
            SignWith::Nothing => String::new(),
        };
        Ok(format!("{input}.{signature}"))
    }

    /// The other key is made when it is first needed, since that takes some tenths of a second.
    fn sign_with_other_key(&self, input: &str) -> Result<String, KeyError> {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match other.take() {
            Some(key) => key,
            None => SigningKey::generate()?,
        };
        other.insert(key).sign(input)
    }

    /// A token with a sound header and claims whose signature is by a key that was never published.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn forged(&self, patch: &Value) -> Result<String, KeyError> {
        self.sign_raw(&self.header(), &self.claims(Timestamp::now(), patch), SignWith::OtherKey)
    }

    /// A token with `alg: none` and no signature.
    #[must_use]
    pub fn unsigned(&self, patch: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": "none" });
        format!("{}.", signing_input(&header, &self.claims(Timestamp::now(), patch)))
    }

    /// A token that was made two days ago and has expired since.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn expired(&self, patch: &Value) -> Result<String, KeyError> {
        let now = Timestamp::now();
        let then = Timestamp::from_second(now.as_second() - 2 * 24 * 3600).unwrap_or(now);
        self.token_at(then, patch)
    }

    /// Signs with a fresh key from now on. The keys before it stay published.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<(), KeyError> {
        let key = Arc::new(SigningKey::generate()?);
        self.state.keys.write().unwrap_or_else(PoisonError::into_inner).insert(0, key);
        Ok(())
    }

    /// Publishes only the key in use.
    pub fn withdraw_old_keys(&self) {
        self.state.keys.write().unwrap_or_else(PoisonError::into_inner).truncate(1);
    }

    /// Answers 503 from now on, or no longer.
    pub fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::Relaxed);
    }

    /// How often the discovery document was asked for.
    #[must_use]
    pub fn discoveries(&self) -> u64 {
        self.state.discoveries.load(Ordering::Relaxed)
    }

    /// How often the keys were asked for.
    #[must_use]
    pub fn key_fetches(&self) -> u64 {
        self.state.key_fetches.load(Ordering::Relaxed)
    }

    /// Stops and frees the port: a connection is refused from then on.
    pub async fn stop(mut self) {
        self.server.abort();
        // The result only says that the task was aborted, as told.
        drop((&mut self.server).await);
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}
