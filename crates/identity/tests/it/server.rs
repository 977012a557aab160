//! An issuer over real sockets that behaves as told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::forge::key_set;

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const JWKS: &str = "/jwks.json";

/// What it answers on a path.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(String),
    Status(u16),
    Redirect(String),
    /// A body that says how long it is.
    Declared(u64),
    /// A body that never ends.
    Endless,
    /// Nothing, with the connection left open.
    Silence,
    /// The answer once a permit is given.
    Gated(Arc<tokio::sync::Semaphore>, String),
}

#[derive(Default)]
struct Script {
    replies: HashMap<String, Reply>,
    hits: HashMap<String, usize>,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// An issuer with these keys, over plain http.
    pub(crate) async fn start(keys: &[Value]) -> Server {
        let (server, listener) = Server::bind("http").await;
        let script = Arc::clone(&server.script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script)));
            }
        });
        server.publish(keys);
        server
    }

    /// The same over TLS with a certificate of its own authority, whose PEM comes with it.
    pub(crate) async fn start_tls(keys: &[Value]) -> (Server, String) {
        let (server, listener) = Server::bind("https").await;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let script = Arc::clone(&server.script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, script).await;
                    }
                });
            }
        });
        server.publish(keys);
        (server, made.cert.pem())
    }

    async fn bind(scheme: &'static str) -> (Server, TcpListener) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (Server { address, scheme, script: Arc::default() }, listener)
    }

    /// The issuer's URL.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Sets discovery and this key set.
    pub(crate) fn publish(&self, keys: &[Value]) {
        let jwks_uri = format!("{}{JWKS}", self.url());
        self.reply(DISCOVERY, Reply::Json(json!({"issuer": self.url(), "jwks_uri": jwks_uri}).to_string()));
        self.reply(JWKS, Reply::Json(key_set(keys)));
    }

    pub(crate) fn reply(&self, path: &str, reply: Reply) {
        self.script.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    /// How often the path was asked for.
    pub(crate) fn hits(&self, path: &str) -> usize {
        self.script.lock().unwrap().hits.get(path).copied().unwrap_or(0)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, script: Arc<Mutex<Script>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8(head).unwrap();
    let path = text.split(' ').nth(1).unwrap().to_owned();
    let reply = {
        let mut script = script.lock().unwrap();
        *script.hits.entry(path.clone()).or_default() += 1;
        script.replies.get(&path).cloned().unwrap_or(Reply::Status(404))
    };
    // A client that has seen enough hangs up: nothing here depends on the writes.
    let _ = answer(&mut stream, reply).await;
    let _ = stream.shutdown().await;
}

async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, extra: &str| format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{extra}\r\n");
    let with_body =
        |body: &str| format!("{}{body}", head(200, &format!("content-length: {}\r\n", body.len())));
    match reply {
        Reply::Json(body) => stream.write_all(with_body(&body).as_bytes()).await,
        Reply::Status(status) => stream.write_all(head(status, "content-length: 0\r\n").as_bytes()).await,
        Reply::Redirect(to) => {
            stream.write_all(head(302, &format!("location: {to}\r\ncontent-length: 0\r\n")).as_bytes()).await
        }
        Reply::Declared(length) => {
            stream.write_all(head(200, &format!("content-length: {length}\r\n")).as_bytes()).await?;
            std::future::pending().await
        }
        Reply::Endless => {
            stream.write_all(head(200, "").as_bytes()).await?;
            loop {
                stream.write_all(&[b' '; 64 * 1024]).await?;
            }
        }
        Reply::Silence => std::future::pending().await,
        Reply::Gated(gate, body) => {
            gate.acquire().await.unwrap().forget();
            stream.write_all(with_body(&body).as_bytes()).await
        }
    }
}
